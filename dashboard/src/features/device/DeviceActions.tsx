import { Button, Group, Menu, Modal, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconKey, IconPlayerPause, IconPlayerPlay, IconSend, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type Device, useDecommission, useRotateKey, useSetStatus } from '@/features/devices/api';
import { KeyLines, OnlyOnce } from '@/features/devices/KeyLines';
import { Confirm } from '@/ui/Confirm';
import { CommandDialog } from './CommandDialog';

type Dialog = 'command' | 'rotate' | 'decommission' | 'maintenance' | null;

interface Props {
  readonly path: string;
  readonly device: Device;
}

/** What an operator may do with a device. */
export function DeviceActions({ path, device }: Props) {
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  const resting = device.status !== 'active';
  return (
    <>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconSend size={15} />} onClick={() => setDialog('command')}>
          Send command
        </Button>
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              Manage
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={resting ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
              onClick={() => setDialog('maintenance')}
            >
              {resting ? 'Back to active' : 'Into maintenance'}
            </Menu.Item>
            <Menu.Item leftSection={<IconKey size={15} />} onClick={() => setDialog('rotate')}>
              Rotate API key
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="brick" leftSection={<IconTrash size={15} />} onClick={() => setDialog('decommission')}>
              Decommission
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {dialog === 'command' && <CommandDialog device={device} onClose={close} />}
      {dialog === 'rotate' && <RotateDialog path={path} device={device} onClose={close} />}
      {dialog === 'maintenance' && <StatusDialog path={path} device={device} onClose={close} />}
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
      <Modal opened onClose={onClose} title={`The new key of ${device.name}`} size="lg" closeOnClickOutside={false} closeOnEscape={false}>
        <Stack gap="md">
          <OnlyOnce />
          <KeyLines device={device} apiKey={rotate.data.api_key} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
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
      <strong>{device.name}</strong> gets a new key, shown once. The old one still works for a while, so that the device can be
      given the new one first.
    </Confirm>
  );
}

function StatusDialog({ path, device, onClose }: DialogProps) {
  const change = useSetStatus(path);
  const next = device.status === 'active' ? 'maintenance' : 'active';
  return (
    <Confirm
      title={next === 'active' ? 'Back to active' : 'Into maintenance'}
      act={next === 'active' ? 'Activate' : 'Set maintenance'}
      busy={change.isPending}
      failure={change.error}
      onConfirm={() => change.mutate(next, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{device.name}</strong> is {device.status} now and becomes {next}.
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
      onConfirm={() => decommission.mutate(undefined, { onSuccess: done })}
      onClose={onClose}
    >
      The keys of <strong>{device.name}</strong> are revoked at once and it can no longer connect. What it has measured stays.
      This cannot be undone.
    </Confirm>
  );
}
