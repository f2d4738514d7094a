import { Button, Group, Menu, Radio, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowsExchange, IconChevronDown, IconKey, IconSend, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { type Device, type LifeCycle, useDecommission, useRotateKey, useSetStatus } from '@/features/devices/api';
import { KeyLines } from '@/features/devices/KeyLines';
import { Confirm } from '@/ui/Confirm';
import { ShownOnce } from '@/ui/ShownOnce';
import { nextStates, STATE_WORDS } from './lifeCycle';
import { CommandDialog } from './CommandDialog';

type Dialog = 'command' | 'rotate' | 'decommission' | 'status' | null;

interface Props {
  readonly path: string;
  readonly device: Device;
}

/** What the caller may do with a device. */
export function DeviceActions({ path, device }: Props) {
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  return (
    <>
      <Group gap="xs">
        {may('commands:send') && (
          <Button variant="default" leftSection={<IconSend size={15} />} onClick={() => setDialog('command')}>
            Send command
          </Button>
        )}
        {(may('devices:write') || may('credentials:write')) && (
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={14} />}>
                Manage
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {may('devices:write') && (
                <Menu.Item leftSection={<IconArrowsExchange size={15} />} onClick={() => setDialog('status')}>
                  Change status
                </Menu.Item>
              )}
              {may('credentials:write') && (
                <Menu.Item leftSection={<IconKey size={15} />} onClick={() => setDialog('rotate')}>
                  Rotate API key
                </Menu.Item>
              )}
              {may('devices:write') && (
                <Menu.Item
                  color="brick"
                  leftSection={<IconTrash size={15} />}
                  onClick={() => setDialog('decommission')}
                >
                  Decommission
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {dialog === 'command' && <CommandDialog device={device} onClose={close} />}
      {dialog === 'rotate' && <RotateDialog path={path} device={device} onClose={close} />}
      {dialog === 'status' && <StatusDialog path={path} device={device} onClose={close} />}
      {dialog === 'decommission' && <DecommissionDialog path={path} device={device} onClose={close} />}
    </>
  );
}

interface DialogProps extends Props {
  readonly onClose: () => void;
}

function RotateDialog({ path, device, onClose }: DialogProps) {
  const rotate = useRotateKey(path);
  if (rotate.data) {
    return (
      <ShownOnce title={`The new key of ${device.name}`} what="the key is" onClose={onClose}>
        <KeyLines device={device} apiKey={rotate.data.api_key} />
      </ShownOnce>
    );
  }
  return (
    <Confirm
      title="Rotate the API key"
      act="Make a new key"
      busy={rotate.isPending}
      failure={rotate.error}
      onConfirm={() => rotate.mutate(undefined)}
      onClose={onClose}
    >
      <strong>{device.name}</strong> gets a new key, shown once. The old one still works for a while, so that the device
      can be given the new one first.
    </Confirm>
  );
}

function StatusDialog({ path, device, onClose }: DialogProps) {
  const change = useSetStatus(path);
  const choices = nextStates(device.status);
  const [next, setNext] = useState(choices[0]!);
  return (
    <Confirm
      title="Change status"
      act="Change"
      busy={change.isPending}
      failure={change.error}
      onConfirm={() => change.mutate(next, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Stack gap="sm">
        <span>
          <strong>{device.name}</strong> is {device.status} now.
        </span>
        <Radio.Group label="It becomes" value={next} onChange={(word) => setNext(word as LifeCycle)}>
          <Stack gap="xs" mt="xs">
            {choices.map((state) => (
              <Radio key={state} value={state} label={state} description={STATE_WORDS[state]} />
            ))}
          </Stack>
        </Radio.Group>
      </Stack>
    </Confirm>
  );
}

function DecommissionDialog({ path, device, onClose }: DialogProps) {
  const decommission = useDecommission(path);
  const navigate = useNavigate();
  const done = () => {
    notifications.show({ message: `${device.name} is decommissioned.` });
    void navigate('/devices');
  };
  return (
    <Confirm
      title="Decommission"
      act="Decommission"
      danger
      typed={device.name}
      busy={decommission.isPending}
      failure={decommission.error}
      // The live feed may tell the page first, which then takes this dialog away: mutate's callbacks would go with it.
      onConfirm={() => decommission.mutateAsync(undefined).then(done, () => undefined)}
      onClose={onClose}
    >
      The keys of <strong>{device.name}</strong> are revoked at once and it can no longer connect. What it has measured
      stays. This cannot be undone.
    </Confirm>
  );
}
