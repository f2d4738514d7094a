import { Badge, Button, Card, Table, Text, UnstyledButton } from '@mantine/core';
import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { RowsSkeleton } from '@/ui/Rows';
import { type GroupBranch, useDeleteGroup, useGroupTree } from './api';
import { type Row, rows } from './branches';
import { GroupForm } from './GroupForm';
import { Members } from './Members';

type Dialog =
  | { readonly act: 'create'; readonly parent: number | null }
  | { readonly act: 'change' | 'delete' | 'members'; readonly group: GroupBranch };

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
        <Card padding={0}>
          <Table aria-label="Groups">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Kind</Table.Th>
                <Table.Th ta="right">Devices</Table.Th>
                <Table.Th ta="right">Online</Table.Th>
                <Table.Th ta="right">Open alerts</Table.Th>
                {mayWrite && <Table.Th aria-label="Actions" />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map((line) => (
                <Line key={line.group.id} line={line} mayWrite={mayWrite} onAct={setDialog} />
              ))}
            </Table.Tbody>
          </Table>
        </Card>
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
      {dialog?.act === 'members' && <Members group={dialog.group} mayWrite={mayWrite} onClose={close} />}
      {dialog?.act === 'delete' && <DeleteDialog group={dialog.group} onClose={close} />}
    </Page>
  );
}

interface LineProps {
  readonly line: Row;
  readonly mayWrite: boolean;
  readonly onAct: (dialog: Dialog) => void;
}

function Line({ line: { group, depth }, mayWrite, onAct }: LineProps) {
  const { devices, online, open_alerts: alerts } = group.totals ?? { devices: 0, online: 0, open_alerts: null };
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton style={{ paddingLeft: depth * 20 }} onClick={() => onAct({ act: 'members', group })}>
          <Text span fw={depth === 0 ? 550 : 450}>
            {group.name}
          </Text>
        </UnstyledButton>
      </Table.Td>
      <Table.Td>
        <Badge color="gray" title={group.filter ?? undefined}>
          {group.kind}
        </Badge>
      </Table.Td>
      <Table.Td ta="right">{devices}</Table.Td>
      <Table.Td ta="right">{online}</Table.Td>
      <Table.Td ta="right" c={alerts ? 'brick' : undefined}>
        {alerts ?? '–'}
      </Table.Td>
      {mayWrite && (
        <Table.Td ta="right" w={50}>
          <RowMenu
            name={group.name}
            acts={[
              { label: 'Devices', run: () => onAct({ act: 'members', group }) },
              { label: 'New one below', run: () => onAct({ act: 'create', parent: group.id }) },
              { label: 'Change', run: () => onAct({ act: 'change', group }) },
              group.groups.length === 0 && {
                label: 'Delete',
                danger: true,
                run: () => onAct({ act: 'delete', group }),
              },
            ]}
          />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function DeleteDialog({ group, onClose }: { readonly group: GroupBranch; readonly onClose: () => void }) {
  const remove = useDeleteGroup(group.id);
  return (
    <Confirm
      title="Delete a group"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{group.name}</strong> goes; its devices stay. Rules that name it then fit no device.
    </Confirm>
  );
}
