import { Badge, Button, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { Problem } from '@/api/problem';
import { SharedConfiguration } from '@/features/configurations/SharedConfiguration';
import { useAddressView } from '@/ui/addressView';
import { Back } from '@/ui/Back';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { TabList } from '@/ui/TabList';
import { type GroupBranch, useGroupTree } from './api';
import { rows } from './branches';
import { GroupForm } from './GroupForm';
import { DeleteDialog } from './GroupsPage';
import { Members } from './Members';

const BACK = <Back to="/groups">Groups</Back>;
const GONE = new Problem({
  status: 404,
  title: 'There is no such group',
  hint: 'It may have been deleted; the list of groups shows those that are there.',
});

/** One group: its devices, and the configuration that it gives them. */
export function GroupPage() {
  const word = useParams().group!;
  const found = useGroupTree();
  const lines = rows(found.data?.groups ?? []);
  const group = lines.find((line) => String(line.group.id) === word)?.group;
  if (group) return <Known key={group.id} group={group} trees={found.data!.groups} />;
  if (found.error || found.data) {
    return (
      <Page title="Group" above={BACK}>
        <ProblemNotice failure={found.error ?? GONE} retry={found.error ? () => void found.refetch() : undefined} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the group">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={260} />
    </Stack>
  );
}

interface KnownProps {
  readonly group: GroupBranch;
  readonly trees: readonly GroupBranch[];
}

function Known({ group, trees }: KnownProps) {
  const mayWrite = useMay()('devices:write');
  const navigate = useNavigate();
  const [{ tab: named }, setView] = useAddressView(['tab']);
  const tab = named === 'configuration' ? 'configuration' : 'devices';
  const [dialog, setDialog] = useState<'change' | 'delete' | null>(null);
  const close = () => setDialog(null);
  const above = rows(trees).find((line) => line.group.id === group.parent_id)?.group;
  return (
    <Page
      title={group.name}
      above={BACK}
      lead={<Lead group={group} above={above} />}
      actions={
        mayWrite && (
          <>
            {group.groups.length === 0 && (
              <Button variant="default" onClick={() => setDialog('delete')}>
                Delete
              </Button>
            )}
            <Button variant="default" onClick={() => setDialog('change')}>
              Change
            </Button>
          </>
        )
      }
    >
      {group.filter && (
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }} aria-label="Filter">
          {group.filter}
        </Text>
      )}
      <Tabs value={tab} onChange={(next) => setView({ tab: next === 'configuration' ? 'configuration' : '' })}>
        <TabList mb="md">
          <Tabs.Tab value="devices">Devices</Tabs.Tab>
          <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="devices">
          <Members group={group} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <SharedConfiguration owner={{ group: group.id }} devices={group.totals?.devices} />
        </Tabs.Panel>
      </Tabs>
      {dialog === 'change' && <GroupForm group={group} trees={trees} onClose={close} />}
      {dialog === 'delete' && (
        <DeleteDialog group={group} onClose={close} onDone={() => void navigate('/groups', { replace: true })} />
      )}
    </Page>
  );
}

function Lead({ group, above }: { readonly group: GroupBranch; readonly above: GroupBranch | undefined }) {
  const { totals } = group;
  return (
    <Group gap="md" style={{ rowGap: 6 }}>
      <Badge color="gray">{group.kind}</Badge>
      {totals && (
        <span>
          {formatCount(totals.devices)} {totals.devices === 1 ? 'device' : 'devices'}, {formatCount(totals.online)}{' '}
          online
        </span>
      )}
      {totals?.open_alerts ? <Text c="var(--bad)">{formatCount(totals.open_alerts)} open alerts</Text> : null}
      {above && (
        <span>
          below <Link to={`/groups/${above.id}`}>{above.name}</Link>
        </span>
      )}
      {group.description && <span>{group.description}</span>}
    </Group>
  );
}
