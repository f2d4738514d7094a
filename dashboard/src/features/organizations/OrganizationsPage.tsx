import { Button, Card, Table, Text, TextInput } from '@mantine/core';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { FormDialog } from '@/ui/FormDialog';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { RowsSkeleton } from '@/ui/Rows';
import { Moment } from '@/ui/Time';
import {
  type Organization,
  useCreateOrganization,
  useOrganizations,
  useRemoveOrganization,
  useRenameOrganization,
} from './api';
import { OrganizationSelect, useOwnOrganization } from './Organization';
import classes from './Organizations.module.css';
import { type Branch, branches, pathOf } from './tree';

type Dialog =
  | { readonly act: 'create'; readonly parent: number | null }
  | { readonly act: 'rename' | 'remove'; readonly organization: Organization };

/** The tree that every device, user and record belongs to, from the caller's own organization down. */
export function OrganizationsPage() {
  const found = useOrganizations();
  const mayWrite = useMay()('organizations:write');
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const tree = branches(found.data ?? []);
  return (
    <Page
      title="Organizations"
      lead="Whoever belongs to one sees it and everything below it, and nothing else."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ act: 'create', parent: null })}>
            New organization
          </Button>
        )
      }
    >
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? (
        <RowsSkeleton label="Loading organizations" />
      ) : tree.length > 0 ? (
        <Card padding={0}>
          <Table aria-label="Organizations">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th className={classes.wide}>Created</Table.Th>
                <Table.Th ta="right">Id</Table.Th>
                {mayWrite && <Table.Th aria-label="Actions" />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tree.map((branch) => (
                <Row key={branch.organization.id} branch={branch} mayWrite={mayWrite} onAct={setDialog} />
              ))}
            </Table.Tbody>
          </Table>
        </Card>
      ) : found.error ? null : (
        <Card>
          <Empty icon={IconBuilding} title="No organization to be seen" />
        </Card>
      )}
      {dialog?.act === 'create' && <CreateDialog parent={dialog.parent} onClose={close} />}
      {dialog?.act === 'rename' && <RenameDialog organization={dialog.organization} onClose={close} />}
      {dialog?.act === 'remove' && <RemoveDialog organization={dialog.organization} onClose={close} />}
    </Page>
  );
}

interface RowProps {
  readonly branch: Branch;
  readonly mayWrite: boolean;
  readonly onAct: (dialog: Dialog) => void;
}

function Row({ branch: { organization, depth }, mayWrite, onAct }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td>
        <div className={classes.branch} style={{ paddingLeft: depth * 20 }} data-below={depth > 0 || undefined}>
          {organization.name}
        </div>
      </Table.Td>
      <Table.Td className={classes.wide} c="dimmed">
        <Moment at={organization.created_at} />
      </Table.Td>
      <Table.Td ta="right">
        <Text span size="sm" c="dimmed" ff="monospace">
          {organization.id}
        </Text>
      </Table.Td>
      {mayWrite && (
        <Table.Td ta="right" w={50}>
          <RowMenu
            name={organization.name}
            acts={[
              { label: 'New one below', run: () => onAct({ act: 'create', parent: organization.id }) },
              { label: 'Rename', run: () => onAct({ act: 'rename', organization }) },
              // Nobody removes the one that he belongs to.
              depth > 0 && { label: 'Remove', danger: true, run: () => onAct({ act: 'remove', organization }) },
            ]}
          />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function CreateDialog({ parent, onClose }: { readonly parent: number | null; readonly onClose: () => void }) {
  const own = useOwnOrganization();
  const create = useCreateOrganization();
  const [name, setName] = useState('');
  const [below, setBelow] = useState(parent ?? own);
  return (
    <FormDialog
      title="New organization"
      act="Create"
      ready={name.trim() !== ''}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() => create.mutate({ name: name.trim(), parent_id: below }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
      <OrganizationSelect
        label="Below"
        description="It stays there: an organization does not move."
        value={below}
        onChange={setBelow}
      />
    </FormDialog>
  );
}

interface OneProps {
  readonly organization: Organization;
  readonly onClose: () => void;
}

function RenameDialog({ organization, onClose }: OneProps) {
  const rename = useRenameOrganization(organization.id);
  const [name, setName] = useState(organization.name);
  return (
    <FormDialog
      title={`Rename ${organization.name}`}
      act="Rename"
      ready={name.trim() !== '' && name.trim() !== organization.name}
      busy={rename.isPending}
      failure={rename.error}
      onSubmit={() => rename.mutate(name.trim(), { onSuccess: onClose })}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

function RemoveDialog({ organization, onClose }: OneProps) {
  const remove = useRemoveOrganization(organization.id);
  const all = useOrganizations().data ?? [];
  return (
    <Confirm
      title="Remove an organization"
      act="Remove"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{pathOf(all, organization.id)}</strong> goes for good. That works only when nothing belongs to it: no
      organization, user, role, token or device, decommissioned ones included.
    </Confirm>
  );
}

function NameField({ value, onChange }: { readonly value: string; readonly onChange: (name: string) => void }) {
  return (
    <TextInput
      label="Name"
      description="Unique among its sisters."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={128}
      autoComplete="off"
      required
      withAsterisk={false}
      data-autofocus
    />
  );
}
