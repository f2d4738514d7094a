import { Anchor, Card, Group, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { formatCount } from '@/ui/format';
import { AlertRow } from './AlertRow';
import { useAlerts } from './api';
import classes from './Alerts.module.css';

/** How many are shown before the way to all of them. */
const SHOWN = 5;
const OPEN = ['active', 'acknowledged'] as const;

/** What is open about one device; nothing at all when nothing is. */
export function DeviceAlerts({ device }: { readonly device: number }) {
  return useMay()('alerts:read') ? <OpenLines device={device} /> : null;
}

function OpenLines({ device }: { readonly device: number }) {
  const { rows, more } = useAlerts({ state: [...OPEN], device: String(device) });
  const open = rows.filter(({ state }) => state !== 'resolved');
  if (open.length === 0) return null;
  return (
    <Card padding={0} component="section" aria-label="Open alerts">
      <Group justify="space-between" px="md" pt="sm" pb={4}>
        <Text component="h2" fw={550} m={0}>
          Open alerts
        </Text>
        <Anchor component={Link} to={`/alerts?device=${device}`} size="xs" c="dimmed">
          {open.length > SHOWN ? `All ${formatCount(open.length)}${more ? '+' : ''}` : 'In the inbox'}
        </Anchor>
      </Group>
      <ul className={classes.rows}>
        {open.slice(0, SHOWN).map((alert) => (
          <AlertRow key={alert.id} alert={alert} device={false} />
        ))}
      </ul>
    </Card>
  );
}
