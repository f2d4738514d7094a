import { Button, Card, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconBellCheck, IconFilterOff, IconMoodSmile } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useMay, useMe } from '@/api/me';
import { FeedBadge } from '@/live/FeedBadge';
import { Empty } from '@/ui/Empty';
import { TabList } from '@/ui/TabList';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowsSkeleton } from '@/ui/Rows';
import { useAlertCounts, useAlerts } from './api';
import classes from './Alerts.module.css';
import { Filters } from './Filters';
import { Inbox } from './Inbox';
import { PendingList } from './PendingList';
import {
  ALL,
  type AlertTab,
  type AlertView,
  isFiltered,
  queryFrom,
  STATES,
  type Tab,
  tabOf,
  TABS,
  useAlertView,
} from './view';

const NAMES: Record<Tab, string> = {
  pending: 'Pending',
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
};

/** What needs somebody, the newest first, as it happens. */
export function AlertsPage() {
  const [view, change] = useAlertView();
  const tab = tabOf(view);
  const counts = useAlertCounts().data;
  return (
    <Page title="Alerts" actions={<FeedBadge />}>
      <Tabs value={tab} onChange={(next) => change({ tab: next === 'open' ? '' : (next ?? '') })}>
        <TabList>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {NAMES[name]}
              {counts && name !== 'pending' && (
                <span className={classes.count}>{formatCount(counts[STATES[name]])}</span>
              )}
            </Tabs.Tab>
          ))}
        </TabList>
      </Tabs>
      <Filters view={view} onChange={change} pending={tab === 'pending'} />
      {tab === 'pending' ? <PendingList view={view} /> : <AlertList tab={tab} view={view} onAll={() => change(ALL)} />}
    </Page>
  );
}

interface AlertListProps {
  readonly tab: AlertTab;
  readonly view: AlertView;
  readonly onAll: () => void;
}

function AlertList({ tab, view, onAll }: AlertListProps) {
  const alerts = useAlerts(queryFrom(view, useMe().data?.name));
  // One that has just been dealt with leaves at once, before the list is read again.
  const rows = alerts.rows.filter(({ state }) => state === STATES[tab]);
  return (
    <Stack gap="sm">
      {alerts.failure ? <ProblemNotice failure={alerts.failure} retry={alerts.retry} /> : null}
      {alerts.isPending ? (
        <RowsSkeleton label="Loading alerts" />
      ) : rows.length > 0 ? (
        <Inbox key={tab} alerts={rows} resolved={tab === 'resolved'} />
      ) : alerts.failure ? null : (
        <Card>
          <Nothing tab={tab} filtered={isFiltered(view)} onAll={onAll} />
        </Card>
      )}
      {alerts.more && (
        <Group justify="center">
          <Button variant="default" onClick={alerts.more} loading={alerts.isFetchingMore}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface NothingProps {
  readonly tab: AlertTab;
  readonly filtered: boolean;
  readonly onAll: () => void;
}

function Nothing({ tab, filtered, onAll }: NothingProps) {
  const mayRules = useMay()('rules:read');
  if (filtered) {
    return (
      <Empty icon={IconFilterOff} title="No alert is like that">
        <Button variant="default" mx="auto" onClick={onAll}>
          Show all {NAMES[tab].toLowerCase()} alerts
        </Button>
      </Empty>
    );
  }
  switch (tab) {
    case 'open':
      return (
        <Empty icon={IconMoodSmile} title="Nothing needs you">
          <Text size="sm" c="dimmed" ta="center">
            An alert appears here the moment a rule finds something.
          </Text>
          {mayRules && (
            <Button component={Link} to="/rules" variant="default" mx="auto">
              Say what to look for
            </Button>
          )}
        </Empty>
      );
    case 'acknowledged':
      return (
        <Empty icon={IconBellCheck} title="Nobody is at work on an alert">
          Acknowledge an open one to say that you look after it; the others then need not.
        </Empty>
      );
    case 'resolved':
      return (
        <Empty icon={IconBellCheck} title="No alert was resolved yet">
          Those that end by themselves and those that somebody resolves stay here, with what was done about them.
        </Empty>
      );
  }
}
