import { Autocomplete, Button, Code, Group, JsonInput, Modal, Select, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { type Device, useSendCommand } from '@/features/devices/api';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { commandFrom } from './command';

const KNOWN = ['restart', 'get_status', 'update_interval', 'calibrate'];

const LIVES = [
  { value: '1m', label: 'a minute' },
  { value: '1h', label: 'an hour' },
  { value: '1d', label: 'a day' },
  { value: '7d', label: 'a week' },
];

/** Sends one command to the device. */
export function CommandDialog({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) {
  const send = useSendCommand(String(device.id));
  const [type, setType] = useState('');
  const [parameters, setParameters] = useState('');
  const [life, setLife] = useState('1d');
  const command = commandFrom(type, parameters);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (command) send.mutate({ ...command, expires_at: `+${life}` });
  };
  return (
    <Modal opened onClose={onClose} title={`Send a command to ${device.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {!device.is_online && (
            <Text size="sm" c="dimmed">
              The device is offline; the command waits for it.
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
          <Select label="It is good for" data={LIVES} value={life} onChange={(next) => setLife(next ?? '1d')} />
          {send.error ? <ProblemNotice failure={send.error} /> : null}
          {send.data && (
            <Group gap="xs" role="status" wrap="nowrap">
              <IconCircleCheck size={18} color="var(--good)" />
              <Text size="sm">
                Queued as <Code>{send.data.command_id}</Code>; the device’s commands tell what becomes of it.
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
