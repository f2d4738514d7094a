import { Autocomplete, Button, Code, Group, JsonInput, Modal, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { type Device, useSendCommand } from '@/features/devices/api';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { commandFrom } from './command';

const KNOWN = ['restart', 'get_status', 'update_interval', 'calibrate'];

/** Sends one command to the device. */
export function CommandDialog({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) {
  const send = useSendCommand(String(device.id));
  const [type, setType] = useState('');
  const [parameters, setParameters] = useState('');
  const command = commandFrom(type, parameters);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (command) send.mutate(command);
  };
  return (
    <Modal opened onClose={onClose} title={`Send a command to ${device.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {!device.is_online && (
            <Text size="sm" c="dimmed">
              The device is offline; the command waits for it on the broker.
            </Text>
          )}
          <Autocomplete
            label="Command"
            openOnFocus={false}
            data={KNOWN}
            value={type}
            onChange={setType}
            required
            withAsterisk={false}
            data-autofocus
          />
          <JsonInput
            label="Parameters"
            description="A JSON object, or nothing."
            placeholder='{"interval": 10}'
            value={parameters}
            onChange={setParameters}
            error={type.trim() && command === null ? 'This is not a JSON object.' : undefined}
            autosize
            minRows={3}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          />
          {send.error ? <ProblemNotice failure={send.error} /> : null}
          {send.data && (
            <Group gap="xs" role="status" wrap="nowrap">
              <IconCircleCheck size={18} color="var(--good)" />
              <Text size="sm">
                {send.data.status === 'queued' ? 'Queued' : 'Sent'} as <Code>{send.data.command_id}</Code>.
              </Text>
            </Group>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {send.data ? 'Close' : 'Cancel'}
            </Button>
            <Button type="submit" disabled={!command} loading={send.isPending}>
              {send.data ? 'Send again' : 'Send'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
