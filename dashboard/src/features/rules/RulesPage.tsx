import { Anchor, Button, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconScale, IconTemplate } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { asProblem } from '@/api/problem';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { Severity } from '@/ui/Severity';
import { Ago } from '@/ui/Time';
import { type Mode, useDeleteRule, useOpenAlerts, useRules, useSetMode } from './api';
import type { Rule } from './document';
import classes from './RulesPage.module.css';
import { conditionWords, scopeWords } from './words';

/** What is watched for, and what is done about it. */
export function RulesPage() {
  const rules = useRules();
  const mayWrite = useMay()('rules:write');
  const navigate = useNavigate();
  const [removed, setRemoved] = useState<Rule | null>(null);
  const columns: Column<Rule>[] = [
    { label: 'Name', cell: (rule) => <Name rule={rule} /> },
    { label: 'Severity', cell: (rule) => <Severity severity={rule.severity ?? 'warning'} /> },
    { label: 'Mode', cell: (rule) => <ModeCell rule={rule} mayWrite={mayWrite} /> },
    { label: 'Devices', quiet: true, cell: (rule) => scopeWords(rule.scope) },
    { label: 'Open alerts', end: true, cell: (rule) => <OpenAlerts rule={rule.id} /> },
    { label: 'Changed', quiet: true, cell: (rule) => <Ago at={rule.updated_at} /> },
  ];
  return (
    <Page
      title="Rules"
      lead="What is watched for, at which devices, and what is done about it."
      actions={mayWrite && <NewRule />}
    >
      <List
        label="Rules"
        pages={rules}
        columns={columns}
        keyOf={(rule) => rule.id}
        actions={(rule) =>
          mayWrite && (
            <RowMenu
              name={rule.name}
              acts={[
                { label: 'Edit', run: () => void navigate(`/rules/${rule.id}`) },
                { label: 'Replay over the history', run: () => void navigate(`/rules/${rule.id}?tab=replay`) },
                { label: 'Delete', danger: true, run: () => setRemoved(rule) },
              ]}
            />
          )
        }
        empty={
          <Empty icon={IconScale} title="Nothing is watched for yet">
            A rule says what to wait for, such as a temperature above 30 for five minutes, and whom to tell. Make one,
            or start from a template, replay it over the history to see which alerts it would have raised, and save it.
          </Empty>
        }
      />
      {removed && <DeleteDialog rule={removed} onClose={() => setRemoved(null)} />}
    </Page>
  );
}

function NewRule() {
  return (
    <>
      <Button component={Link} to="/rules/templates" variant="default" leftSection={<IconTemplate size={16} />}>
        Start from a template
      </Button>
      <Button component={Link} to="/rules/new" leftSection={<IconPlus size={16} />}>
        New rule
      </Button>
    </>
  );
}

function Name({ rule }: { readonly rule: Rule }) {
  return (
    <>
      <Link to={`/rules/${rule.id}`}>{rule.name}</Link>
      <Text size="sm" c="dimmed" fw={400}>
        {conditionWords(rule.condition)}
      </Text>
    </>
  );
}

const MODES: readonly { readonly value: Mode; readonly label: string }[] = [
  { value: 'active', label: 'active' },
  { value: 'shadow', label: 'shadow' },
  { value: 'off', label: 'off' },
];

function ModeCell({ rule, mayWrite }: { readonly rule: Rule; readonly mayWrite: boolean }) {
  const change = useSetMode();
  const mode = rule.mode ?? 'active';
  if (!mayWrite) return <>{mode}</>;
  return (
    <Select
      aria-label={`Mode of ${rule.name}`}
      className={classes.mode}
      size="xs"
      data={[...MODES]}
      value={change.isPending ? (change.variables?.mode ?? mode) : mode}
      disabled={change.isPending}
      allowDeselect={false}
      onChange={(next) => {
        if (next === null || next === mode) return;
        change.mutate(
          { rule, mode: next as Mode },
          {
            onError: (failure) => {
              const { title, detail } = asProblem(failure);
              notifications.show({ color: 'brick', title, message: detail });
            },
          },
        );
      }}
    />
  );
}

function OpenAlerts({ rule }: { readonly rule: number }) {
  const open = useOpenAlerts().data;
  if (!open) return <>–</>;
  const count = open.counts.get(rule) ?? 0;
  if (count === 0)
    return (
      <Text span size="sm" c="dimmed">
        none
      </Text>
    );
  return (
    <Anchor
      component={Link}
      to={`/alerts?rule=${rule}`}
      size="sm"
    >{`${formatCount(count)}${open.isAll ? '' : '+'}`}</Anchor>
  );
}

function DeleteDialog({ rule, onClose }: { readonly rule: Rule; readonly onClose: () => void }) {
  const remove = useDeleteRule();
  return (
    <Confirm
      title="Delete a rule"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(rule.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{rule.name}</strong> goes with all its versions. Its open alerts are resolved, and stay as history.
    </Confirm>
  );
}
