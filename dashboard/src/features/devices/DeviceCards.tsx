import { Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Presence, Status } from '@/ui/Presence';
import { Ago } from '@/ui/Time';
import type { Device } from './api';
import classes from './DeviceCards.module.css';

/** The fleet on a phone: what the table says, one card a device. */
export function DeviceCards({ devices }: { readonly devices: readonly Device[] }) {
  return (
    <Stack gap={8} component="ul" className={classes.list}>
      {devices.map((device) => (
        <li key={device.id}>
          <Link to={`/devices/${device.id}`} className={classes.card}>
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Text fw={550} truncate>
                {device.name}
              </Text>
              <Presence online={device.is_online} />
            </Group>
            <Group justify="space-between" wrap="nowrap" gap="sm" mt={6}>
              <Text size="sm" c="dimmed" truncate>
                {device.device_type}
                {device.location ? ` · ${device.location}` : ''}
              </Text>
              {device.status === 'active' ? (
                <Text size="sm" c="dimmed" className={classes.seen}>
                  <Ago at={device.last_seen} />
                </Text>
              ) : (
                <Status status={device.status} />
              )}
            </Group>
          </Link>
        </li>
      ))}
    </Stack>
  );
}
