import { Anchor, Button, Modal, Select, Stack, Table, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { Empty } from '@/ui/Empty';
import { formatDuration } from '@/ui/format';
import { List } from '@/ui/List';
import type { Column } from '@/ui/Rows';
import { Ago, Moment } from '@/ui/Time';
import { type Delivery, type DeliveryQuery, useChannels, useDeliveries } from './api';
import classes from './Channels.module.css';
import { DeliveryState, toldWords } from './DeliveryState';

const STATES = ['waiting', 'delivered', 'failed', 'cancelled', 'dropped'] as const;

/** What was told to whom, and what became of it. */
export function Deliveries() {
  const [params, setParams] = useSearchParams();
  const channels = useChannels();
  const state = STATES.find((word) => word === params.get('state'));
  const channel = Number(params.get('channel')) || undefined;
  const query: DeliveryQuery = { state, channel };
  const deliveries = useDeliveries(query);
  const [shown, setShown] = useState<number | null>(null);
  const open = deliveries.rows.find(({ id }) => id === shown);
  const set = (field: string, value: string | null) =>
    setParams(
      (before) => {
        if (value) before.set(field, value);
        else before.delete(field);
        return before;
      },
      { replace: true },
    );
  return (
    <Stack gap="md">
      <div className={classes.filters} role="search">
        <Select
          aria-label="Channel"
          data={[
            { value: '', label: 'Every channel' },
            ...channels.rows.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          value={channel === undefined ? '' : String(channel)}
          onChange={(value) => set('channel', value)}
          allowDeselect={false}
          searchable={channels.rows.length > 8}
        />
        <Select
          aria-label="State"
          data={[{ value: '', label: 'Every state' }, ...STATES.map((word) => ({ value: word, label: word }))]}
          value={state ?? ''}
          onChange={(value) => set('state', value)}
          allowDeselect={false}
        />
      </div>
      <List
        label="Deliveries"
        pages={deliveries}
        columns={columns(new Map(channels.rows.map(({ id, name }) => [id, name])))}
        keyOf={({ id }) => id}
        actions={(delivery) => (
          <Button size="compact-xs" variant="subtle" onClick={() => setShown(delivery.id)}>
            Attempts
          </Button>
        )}
        empty={
          state || channel ? (
            <Empty icon={IconSend} title="No delivery is like that" />
          ) : (
            <Empty icon={IconSend} title="Nobody was told anything yet">
              When an alert begins, the channels that its rule names are told; each delivery stands here for 30 days.
            </Empty>
          )
        }
      />
      {open && <Attempts delivery={open} onClose={() => setShown(null)} />}
    </Stack>
  );
}

const columns = (names: ReadonlyMap<number, string>): readonly Column<Delivery>[] => [
  {
    label: 'What',
    cell: (delivery) =>
      delivery.alert_id === null ? (
        toldWords(delivery)
      ) : (
        <>
          {toldWords(delivery)} of <Link to={`/alerts/${delivery.alert_id}`}>alert&nbsp;{delivery.alert_id}</Link>
        </>
      ),
  },
  { label: 'To', cell: (delivery) => receiverOf(delivery, names) },
  { label: 'State', cell: (delivery) => <DeliveryState delivery={delivery} /> },
  { label: 'Said', quiet: true, cell: ({ detail }) => <span className={classes.said}>{detail || '–'}</span> },
  { label: 'When', quiet: true, cell: ({ created_at }) => <Ago at={created_at} /> },
];

/** Whom a delivery is for, by name where that may be seen. */
export const receiverOf = ({ channel_id, host }: Delivery, names: ReadonlyMap<number, string>) =>
  channel_id === null ? (host ?? 'a webhook') : (names.get(channel_id) ?? `channel ${channel_id}`);

function Attempts({ delivery, onClose }: { readonly delivery: Delivery; readonly onClose: () => void }) {
  const { attempts, due_at, message_id, state, suppressed } = delivery;
  return (
    <Modal opened onClose={onClose} title={toldWords(delivery)} size="lg">
      <Stack gap="md">
        <DeliveryState delivery={delivery} />
        {state === 'waiting' && due_at && (
          <Text size="sm">
            Tried next: <Moment at={due_at} />
          </Text>
        )}
        {suppressed > 0 && (
          <Text size="sm">
            {suppressed} more of its kind were not told, because the rule’s throttle held them back until they were
            over.
          </Text>
        )}
        {attempts.length === 0 ? (
          <Text size="sm" c="dimmed">
            {delivery.detail || 'It was not tried yet.'}
          </Text>
        ) : (
          <Table aria-label="Attempts" verticalSpacing={7} horizontalSpacing={0}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th pr="sm">When</Table.Th>
                <Table.Th pr="sm">Outcome</Table.Th>
                <Table.Th>Answer</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {attempts.map(({ at, outcome, status, detail, took_ms }, index) => (
                <Table.Tr key={index}>
                  <Table.Td pr="sm">
                    <Moment at={at} />
                  </Table.Td>
                  <Table.Td pr="sm">
                    {outcome}
                    <span className={classes.took}>{formatDuration(took_ms)}</span>
                  </Table.Td>
                  <Table.Td className={classes.answer}>{[status, detail].filter(Boolean).join(' ') || '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Text size="xs" c="dimmed">
          The receiver sees the id <code className={classes.answer}>{message_id}</code>.
        </Text>
        {delivery.alert_id !== null && (
          <Anchor component={Link} to={`/alerts/${delivery.alert_id}`} size="sm">
            Open the alert
          </Anchor>
        )}
      </Stack>
    </Modal>
  );
}
