import { Anchor, Group, Skeleton, Stack } from '@mantine/core';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { Told } from '@/features/channels/Told';
import { OrganizationName } from '@/features/organizations/Organization';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { type Fact, Facts, Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Severity } from '@/ui/Severity';
import { Ago, Moment } from '@/ui/Time';
import { AlertActions } from './AlertActions';
import { AlertChart } from './AlertChart';
import { type AlertDetail, useAlert } from './api';
import { History } from './History';
import { Why } from './Why';
import { reasonsOf } from './why';

const STATE_WORDS = { active: 'open', acknowledged: 'acknowledged', resolved: 'resolved' } as const;

/** One alert: what it is about, why it began, what happened since, and what can be done about it. */
export function AlertPage() {
  const id = Number(useParams().alert);
  const found = useAlert(id);
  const mayWrite = useMay()('alerts:write');
  const alert = found.data;
  const back = <Back to="/alerts">Alerts</Back>;
  if (!alert) {
    return (
      <Page title="Alert" above={back}>
        {found.error ? (
          <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton height={240} aria-label="Loading the alert" />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={alert.message}
      above={back}
      lead={<Lead alert={alert} />}
      actions={mayWrite && <AlertActions key={alert.id} alert={alert} />}
    >
      <Content key={alert.id} alert={alert} now={found.dataUpdatedAt} />
    </Page>
  );
}

function Content({ alert, now }: { readonly alert: AlertDetail; readonly now: number }) {
  const reasons = useMemo(() => reasonsOf(alert.why), [alert.why]);
  const may = useMay();
  return (
    <Columns from="md">
      <Stack gap="md">
        {may('telemetry:read') && reasons.metric !== null && (
          <AlertChart device={alert.device_id} metric={reasons.metric} level={reasons.level} alert={alert} now={now} />
        )}
        <Why alert={alert} reasons={reasons} />
      </Stack>
      <Stack gap="md">
        <History alert={alert} />
        {may('channels:read') && !alert.shadow && <Told alert={alert.id} />}
        <About alert={alert} />
      </Stack>
    </Columns>
  );
}

function Lead({ alert }: { readonly alert: AlertDetail }) {
  return (
    <Group gap="md" style={{ rowGap: 6 }}>
      <Severity severity={alert.severity} />
      <span>{STATE_WORDS[alert.state]}</span>
      <Anchor component={Link} to={`/devices/${alert.device_id}`} inherit>
        {alert.device_name}
      </Anchor>
      <span>
        began <Ago at={alert.began_at} />
      </span>
    </Group>
  );
}

function About({ alert }: { readonly alert: AlertDetail }) {
  const mayRules = useMay()('rules:read');
  const by = (at: string | null, who: string | null) =>
    at === null ? (
      '–'
    ) : (
      <>
        {who === 'rule' ? 'by itself' : `by ${who}`}, <Moment at={at} />
      </>
    );
  const rows: (Fact | false)[] = [
    [
      'Rule',
      <>
        {mayRules && alert.rule_id !== null ? (
          <Anchor component={Link} to={`/rules/${alert.rule_id}`} inherit>
            {alert.rule_name}
          </Anchor>
        ) : (
          alert.rule_name
        )}
        , version {alert.rule_version};{' '}
        <Anchor component={Link} to={`/alerts?rule=${alert.rule_id ?? encodeURIComponent(alert.rule_name)}`} inherit>
          its alerts
        </Anchor>
      </>,
    ],
    alert.key !== '' && ['Key', alert.key],
    ['Assigned to', alert.assignee ?? 'nobody'],
    ['Began', <Moment at={alert.began_at} />],
    ['Found', `${formatCount(alert.occurrences)} ${alert.occurrences === 1 ? 'time' : 'times'}`],
    alert.occurrences > 1 && ['Last found', <Moment at={alert.last_occurred_at} />],
    ['Ended', alert.cleared_at ? <Moment at={alert.cleared_at} /> : 'goes on, as far as the rule knows'],
    ['Acknowledged', by(alert.acknowledged_at, alert.acknowledged_by)],
    ['Resolved', by(alert.resolved_at, alert.resolved_by)],
    alert.latched && ['Latched', 'stays open until somebody resolves it'],
    alert.false_positive && ['Judged', 'a false positive'],
    alert.shadow && ['Shadow', 'of a rule that is only being tried; nobody was told'],
    ['Organization', <OrganizationName id={alert.organization_id} />],
  ];
  return (
    <Titled title="Alert">
      <Facts rows={rows.filter((row) => row !== false)} labelWidth={120} />
    </Titled>
  );
}
