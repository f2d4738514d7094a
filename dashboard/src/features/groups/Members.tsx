import { ActionIcon, Button, Card, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconStack2, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Empty } from '@/ui/Empty';
import { Presence } from '@/ui/Presence';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Column, Rows } from '@/ui/Rows';
import { type GroupBranch, useAddMember, useGroupDevices, useRemoveMember } from './api';

interface Props {
  readonly group: GroupBranch;
  readonly mayWrite: boolean;
}

/** The devices of a group and of those below; a list can be changed. */
export function Members({ group, mayWrite }: Props) {
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
  const devices = found.data?.devices;
  return (
    <Stack gap="md">
      {isList && (
        <form onSubmit={submit}>
          <Group align="flex-end" gap="xs">
            <TextInput
              label="Put in a device"
              placeholder="Name or id"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              style={{ flex: '1 1 200px' }}
              maw={420}
            />
            <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
              Add
            </Button>
          </Group>
        </form>
      )}
      {failure ? <ProblemNotice failure={failure} /> : null}
      {!devices && !found.error && <Skeleton height={160} />}
      {devices && devices.length > 0 && (
        <>
          <Text size="sm" c="dimmed">
            {found.data!.total === devices.length
              ? devices.length === 1
                ? '1 device'
                : `${devices.length} devices`
              : `The first ${devices.length} of ${found.data!.total} devices`}
          </Text>
          <Rows
            label={`Devices of ${group.name}`}
            columns={COLUMNS}
            rows={devices}
            keyOf={({ id }) => id}
            actions={
              isList
                ? (device) => (
                    <ActionIcon aria-label={`Take out ${device.name}`} onClick={() => remove.mutate(String(device.id))}>
                      <IconX size={16} />
                    </ActionIcon>
                  )
                : undefined
            }
          />
        </>
      )}
      {devices?.length === 0 && (
        <Card>
          <Empty icon={IconStack2} title="No devices">
            {group.kind === 'static' ? 'Put devices in by their name or id.' : 'No device is as the filter says.'}
          </Empty>
        </Card>
      )}
    </Stack>
  );
}

type Member = NonNullable<ReturnType<typeof useGroupDevices>['data']>['devices'][number];

const COLUMNS: readonly Column<Member>[] = [
  { label: 'Name', cell: ({ id, name }) => <Link to={`/devices/${id}`}>{name}</Link> },
  { label: 'Type', quiet: true, cell: ({ device_type }) => device_type },
  { label: 'Presence', cell: ({ is_online }) => <Presence online={is_online} /> },
];
