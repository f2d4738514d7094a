import { Button, Tabs } from '@mantine/core';
import { IconPlus, IconSpeakerphone } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useMay } from '@/api/me';
import { OrganizationName } from '@/features/organizations/Organization';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { TabList } from '@/ui/TabList';
import { Ago } from '@/ui/Time';
import { type Channel, useChannels, useLastDelivery } from './api';
import { ChangeDialog, NewChannelDialog, RemoveDialog } from './ChannelDialogs';
import classes from './Channels.module.css';
import { Deliveries } from './Deliveries';
import { DeliveryState } from './DeliveryState';
import { KINDS, placeOf } from './kinds';
import { TestDialog } from './TestDialog';

const DIALOGS = { test: TestDialog, change: ChangeDialog, remove: RemoveDialog } as const;

interface Open {
  readonly dialog: keyof typeof DIALOGS;
  readonly channel: Channel;
}

/** The ways to people and programs that rules can name, and what went over them. */
export function ChannelsPage() {
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') === 'deliveries' ? 'deliveries' : 'channels';
  const mayWrite = useMay()('channels:write');
  const [creating, setCreating] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const Dialog = open && DIALOGS[open.dialog];
  const actions = (channel: Channel) => {
    const act = (dialog: Open['dialog']) => () => setOpen({ dialog, channel });
    return (
      <RowMenu
        name={channel.name}
        acts={[
          mayWrite && { label: 'Send a test', run: act('test') },
          { label: 'Deliveries', run: () => setParams({ tab: 'deliveries', channel: String(channel.id) }) },
          mayWrite && { label: 'Change', run: act('change') },
          mayWrite && { label: 'Delete', danger: true, run: act('remove') },
        ]}
      />
    );
  };
  return (
    <Page
      title="Channels"
      lead="The ways to people and programs. A rule names those that it tells."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
            New channel
          </Button>
        )
      }
    >
      <Tabs value={tab} onChange={(next) => setParams(next === 'deliveries' ? { tab: next } : {}, { replace: true })}>
        <TabList mb="md">
          <Tabs.Tab value="channels">Channels</Tabs.Tab>
          <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="channels">
          <ChannelList actions={actions} />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries">
          <Deliveries />
        </Tabs.Panel>
      </Tabs>
      {creating && (
        <NewChannelDialog
          onClose={(made) => {
            setCreating(false);
            if (made) setOpen({ dialog: 'test', channel: made });
          }}
        />
      )}
      {Dialog && <Dialog channel={open.channel} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function ChannelList({ actions }: { readonly actions: (channel: Channel) => React.ReactNode }) {
  const channels = useChannels();
  return (
    <List
      label="Channels"
      pages={channels}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      actions={actions}
      empty={
        <Empty icon={IconSpeakerphone} title="No channel yet">
          Make one, send a test over it, and name it in a rule: until then nobody is told of an alert who does not look
          at these pages.
        </Empty>
      }
    />
  );
}

const COLUMNS: readonly Column<Channel>[] = [
  { label: 'Name', cell: ({ name }) => name },
  { label: 'Kind', cell: ({ kind }) => <KindName kind={kind} /> },
  { label: 'To', cell: (channel) => <span className={classes.place}>{placeOf(channel)}</span> },
  { label: 'Organization', cell: ({ organization_id }) => <OrganizationName id={organization_id} /> },
  { label: 'Last delivery', cell: ({ id }) => <Last channel={id} /> },
];

function KindName({ kind }: { readonly kind: Channel['kind'] }) {
  const { icon: Picture, label } = KINDS[kind];
  return (
    <span className={classes.kind}>
      <Picture size={16} stroke={1.6} aria-hidden />
      {label}
    </span>
  );
}

function Last({ channel }: { readonly channel: number }) {
  const last = useLastDelivery(channel).data;
  if (last === undefined) return null;
  if (last === null) return <span className={classes.quiet}>nothing yet</span>;
  return (
    <span className={classes.outcome} title={last.detail}>
      <DeliveryState delivery={last} />
      <span className={classes.quiet}>
        <Ago at={last.ended_at ?? last.created_at} />
      </span>
    </span>
  );
}
