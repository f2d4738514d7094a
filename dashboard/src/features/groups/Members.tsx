import { ActionIcon, Anchor, Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Presence } from '@/ui/Presence';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type GroupBranch, useAddMember, useGroupDevices, useRemoveMember } from './api';

interface Props {
  readonly group: GroupBranch;
  readonly mayWrite: boolean;
  readonly onClose: () => void;
}

/** The devices of a group and of those below; a list can be changed. */
export function Members({ group, mayWrite, onClose }: Props) {
  const found = useGroupDevices(group.id);
  const add = useAddMember(group.id);
  const remove = useRemoveMember(group.id);
  const [name, setName] = useState('');
  const isList = mayWrite && group.kind === 'static';
  const failure = add.error ?? remove.error ?? found.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') add.mutate(name.trim(), { onSuccess: () => setName('') });
  };
  return (
    <Modal opened onClose={onClose} title={`Devices of ${group.name}`} size="lg">
      <Stack gap="md">
        {group.filter && (
          <Text size="sm" ff="monospace" c="dimmed">
            {group.filter}
          </Text>
        )}
        {isList && (
          <form onSubmit={submit}>
            <Group align="flex-end" gap="xs">
              <TextInput
                label="Put in a device"
                placeholder="Name or id"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                style={{ flex: 1 }}
              />
              <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
                Add
              </Button>
            </Group>
          </form>
        )}
        {failure ? <ProblemNotice failure={failure} /> : null}
        {found.data && (
          <Text size="sm" c="dimmed">
            {found.data.total === 0 ? 'No devices.' : `${found.data.count} of ${found.data.total} devices`}
          </Text>
        )}
        <Table aria-label={`Devices of ${group.name}`}>
          <Table.Tbody>
            {found.data?.devices.map((device) => (
              <Table.Tr key={device.id}>
                <Table.Td>
                  <Anchor component={Link} to={`/devices/${device.id}`}>
                    {device.name}
                  </Anchor>
                </Table.Td>
                <Table.Td c="dimmed">{device.device_type}</Table.Td>
                <Table.Td>
                  <Presence online={device.is_online} />
                </Table.Td>
                {isList && (
                  <Table.Td w={50}>
                    <ActionIcon aria-label={`Take out ${device.name}`} onClick={() => remove.mutate(String(device.id))}>
                      <IconX size={16} />
                    </ActionIcon>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Stack>
    </Modal>
  );
}
