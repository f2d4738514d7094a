import { Badge, Text } from '@mantine/core';
import classes from './Presence.module.css';

/** Whether a device is connected now. Told by shape and word as well as by colour. */
export function Presence({ online }: { readonly online: boolean }) {
  return (
    <span className={classes.presence} data-online={online || undefined}>
      <span className={classes.dot} aria-hidden />
      {online ? 'Online' : 'Offline'}
    </span>
  );
}

const COLORS: Record<string, string> = {
  inactive: 'gray',
  provisioning: 'gray',
  maintenance: 'ochre',
  quarantined: 'brick',
  decommissioned: 'gray',
};

/** Where a device stands in its life cycle; the usual state is said quietly, so that the others stand out. */
export function Status({ status }: { readonly status: string }) {
  if (status === 'active')
    return (
      <Text span size="sm" c="dimmed">
        active
      </Text>
    );
  return <Badge color={COLORS[status] ?? 'gray'}>{status}</Badge>;
}
