import { Button, Text } from '@mantine/core';
import { IconFilterCog, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { scopeWords } from '@/features/rules/words';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type ProcessingRule, useDeleteProcessingRule, useProcessingRules } from './api';
import { stepsWords } from './steps';

const COLUMNS: readonly Column<ProcessingRule>[] = [
  {
    label: 'Name',
    cell: (rule) => (
      <>
        <Link to={`/processing-rules/${rule.id}`}>{rule.name}</Link>
        <Text size="sm" c="dimmed" fw={400}>
          {stepsWords(rule.steps)}
        </Text>
      </>
    ),
  },
  { label: 'Mode', cell: (rule) => rule.mode },
  { label: 'Position', end: true, cell: (rule) => rule.position },
  { label: 'Devices', quiet: true, cell: (rule) => scopeWords(rule.scope) },
  { label: 'Faults', end: true, cell: (rule) => <Faults rule={rule} /> },
  { label: 'Changed', quiet: true, cell: (rule) => <Ago at={rule.updated_at} /> },
];

/** What happens to measurements before they are stored. */
export function ProcessingRulesPage() {
  const mayWrite = useMay()('rules:write');
  const navigate = useNavigate();
  const [removed, setRemoved] = useState<ProcessingRule | null>(null);
  return (
    <Page
      title="Processing rules"
      lead="What happens to measurements between reading and storing them, in the order of their position."
      actions={
        mayWrite && (
          <Button component={Link} to="/processing-rules/new" leftSection={<IconPlus size={16} />}>
            New processing rule
          </Button>
        )
      }
    >
      <List
        label="Processing rules"
        pages={useProcessingRules()}
        columns={COLUMNS}
        keyOf={(rule) => rule.id}
        actions={(rule) =>
          mayWrite && (
            <RowMenu
              name={rule.name}
              acts={[
                { label: 'Edit', run: () => void navigate(`/processing-rules/${rule.id}`) },
                { label: 'Delete', danger: true, run: () => setRemoved(rule) },
              ]}
            />
          )
        }
        empty={
          <Empty icon={IconFilterCog} title="Measurements are stored as they come">
            A processing rule calibrates, converts units, derives metrics, judges the quality, drops, renames, or
            decodes payloads that are no JSON. Try one with a message of a device before it is saved.
          </Empty>
        }
      />
      {removed && <DeleteDialog rule={removed} onClose={() => setRemoved(null)} />}
    </Page>
  );
}

function Faults({ rule }: { readonly rule: ProcessingRule }) {
  if (rule.faults === 0)
    return (
      <Text span size="sm" c="dimmed">
        none
      </Text>
    );
  return (
    <Text span size="sm" c="var(--warn)" title={rule.last_fault ?? undefined}>
      {formatCount(rule.faults)}
    </Text>
  );
}

function DeleteDialog({ rule, onClose }: { readonly rule: ProcessingRule; readonly onClose: () => void }) {
  const remove = useDeleteProcessingRule();
  return (
    <Confirm
      title="Delete a processing rule"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(rule.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{rule.name}</strong> goes with all its versions. What arrives from now on is stored without it.
    </Confirm>
  );
}
