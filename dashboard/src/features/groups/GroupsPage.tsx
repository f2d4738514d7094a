import { Badge, Button, Card } from '@mantine/core';
import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { type Column, Rows, RowsSkeleton } from '@/ui/Rows';
import { type GroupBranch, useDeleteGroup, useGroupTree } from './api';
import { type Row, rows } from './branches';
import { GroupForm } from './GroupForm';
import classes from './Groups.module.css';

type Dialog =
  | { readonly act: 'create'; readonly parent: number | null }
  | { readonly act: 'change' | 'delete'; readonly group: GroupBranch };

/** The groups as trees, with what they amount to. */
export function GroupsPage() {
  const found = useGroupTree();
  const mayWrite = useMay()('devices:write');
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const lines = rows(found.data?.groups ?? []);
  return (
    <Page
      title="Groups"
      lead="Devices that belong together, by a list or by a filter. A group holds all that is in the groups below it."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ act: 'create', parent: null })}>
            New group
          </Button>
        )
      }
    >
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? (
        <RowsSkeleton label="Loading groups" />
      ) : lines.length > 0 ? (
        <Rows
          label="Groups"
          columns={COLUMNS}
          rows={lines}
          keyOf={({ group }) => group.id}
          actions={mayWrite ? ({ group }) => <GroupMenu group={group} onAct={setDialog} /> : undefined}
        />
      ) : found.error ? null : (
        <Card>
          <Empty icon={IconStack2} title="No groups yet">
            A group serves rules, live events and commands to many devices at once.
          </Empty>
        </Card>
      )}
      {dialog?.act === 'create' && (
        <GroupForm parent={dialog.parent} trees={found.data?.groups ?? []} onClose={close} />
      )}
      {dialog?.act === 'change' && <GroupForm group={dialog.group} trees={found.data?.groups ?? []} onClose={close} />}
      {dialog?.act === 'delete' && <DeleteDialog group={dialog.group} onClose={close} />}
    </Page>
  );
}

const NO_TOTALS = { devices: 0, online: 0, open_alerts: null };

const COLUMNS: readonly Column<Row>[] = [
  {
    label: 'Name',
    cell: ({ group, depth }) => (
      <span className={classes.name} data-deep={depth > 0 || undefined} style={{ paddingLeft: depth * 20 }}>
        <Link to={`/groups/${group.id}`}>{group.name}</Link>
      </span>
    ),
  },
  {
    label: 'Kind',
    cell: ({ group }) => (
      <Badge color="gray" title={group.filter ?? undefined}>
        {group.kind}
      </Badge>
    ),
  },
  { label: 'Devices', end: true, cell: ({ group }) => formatCount((group.totals ?? NO_TOTALS).devices) },
  { label: 'Online', end: true, cell: ({ group }) => formatCount((group.totals ?? NO_TOTALS).online) },
  {
    label: 'Open alerts',
    end: true,
    cell: ({ group }) => {
      const alerts = (group.totals ?? NO_TOTALS).open_alerts;
      return <span className={alerts ? classes.alerts : undefined}>{alerts ?? '–'}</span>;
    },
  },
];

interface MenuProps {
  readonly group: GroupBranch;
  readonly onAct: (dialog: Dialog) => void;
}

function GroupMenu({ group, onAct }: MenuProps) {
  const navigate = useNavigate();
  return (
    <RowMenu
      name={group.name}
      acts={[
        { label: 'Configuration', run: () => void navigate(`/groups/${group.id}?tab=configuration`) },
        { label: 'New one below', run: () => onAct({ act: 'create', parent: group.id }) },
        { label: 'Change', run: () => onAct({ act: 'change', group }) },
        group.groups.length === 0 && { label: 'Delete', danger: true, run: () => onAct({ act: 'delete', group }) },
      ]}
    />
  );
}

interface DeleteProps {
  readonly group: GroupBranch;
  readonly onClose: () => void;
  readonly onDone?: () => void;
}

export function DeleteDialog({ group, onClose, onDone = onClose }: DeleteProps) {
  const remove = useDeleteGroup(group.id);
  return (
    <Confirm
      title="Delete a group"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onDone })}
      onClose={onClose}
    >
      <strong>{group.name}</strong> goes; its devices stay. Rules that name it then fit no device.
    </Confirm>
  );
}
