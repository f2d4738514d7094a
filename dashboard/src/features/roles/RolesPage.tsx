import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useHolds, useMay } from '@/api/me';
import { PermissionChoice } from '@/features/access/PermissionChoice';
import { OrganizationName, OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { FormDialog } from '@/ui/FormDialog';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { RowsSkeleton } from '@/ui/Rows';
import { type Role, useChangeRole, useCreateRole, useRemoveRole, useRoles } from './api';
import { RoleMatrix } from './RoleMatrix';

type Custom = Role & { readonly id: number };
type Dialog = { readonly act: 'create' } | { readonly act: 'change' | 'remove'; readonly role: Custom };

const isCustom = (role: Role): role is Custom => role.id !== null;

/** What users may do: three built-in roles, and those that an organization makes for itself. */
export function RolesPage() {
  const roles = useRoles();
  const mayWrite = useMay()('users:write');
  const holds = useHolds();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const actions = (role: Role) =>
    mayWrite && isCustom(role) && holds(role.permissions) ? (
      <RowMenu
        name={role.name}
        acts={[
          { label: 'Change', run: () => setDialog({ act: 'change', role }) },
          { label: 'Remove', danger: true, run: () => setDialog({ act: 'remove', role }) },
        ]}
      />
    ) : null;
  return (
    <Page
      title="Roles"
      lead="What users may do in their organization and below it."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ act: 'create' })}>
            New role
          </Button>
        )
      }
    >
      {roles.failure ? <ProblemNotice failure={roles.failure} retry={roles.retry} /> : null}
      {roles.isPending ? <RowsSkeleton label="Loading roles" /> : <RoleMatrix roles={roles.rows} actions={actions} />}
      {roles.more && (
        <Button variant="default" mx="auto" onClick={roles.more} loading={roles.isFetchingMore}>
          Show more
        </Button>
      )}
      {dialog?.act === 'create' && <CreateDialog onClose={close} />}
      {dialog?.act === 'change' && <ChangeDialog role={dialog.role} onClose={close} />}
      {dialog?.act === 'remove' && <RemoveDialog role={dialog.role} onClose={close} />}
    </Page>
  );
}

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const create = useCreateRole();
  const own = useOwnOrganization();
  const [name, setName] = useState('');
  const [organization, setOrganization] = useState(own);
  const [permissions, setPermissions] = useState<string[]>([]);
  return (
    <FormDialog
      title="New role"
      act="Create"
      size="lg"
      ready={name.trim() !== '' && permissions.length > 0}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() =>
        create.mutate({ name: name.trim(), permissions, organization_id: organization }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
      <OrganizationSelect
        label="Organization"
        description="The role is for its users, not for those of the ones below."
        value={organization}
        onChange={setOrganization}
      />
      <PermissionChoice label="May" value={permissions} onChange={setPermissions} />
    </FormDialog>
  );
}

interface OneProps {
  readonly role: Custom;
  readonly onClose: () => void;
}

function ChangeDialog({ role, onClose }: OneProps) {
  const change = useChangeRole(role.id);
  const [name, setName] = useState(role.name);
  const [permissions, setPermissions] = useState([...role.permissions]);
  return (
    <FormDialog
      title={`Change ${role.name}`}
      act="Change for all who have it"
      size="lg"
      ready={name.trim() !== '' && permissions.length > 0}
      busy={change.isPending}
      failure={change.error}
      onSubmit={() => change.mutate({ name: name.trim(), permissions }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
      <PermissionChoice label="May" value={permissions} onChange={setPermissions} />
    </FormDialog>
  );
}

function RemoveDialog({ role, onClose }: OneProps) {
  const remove = useRemoveRole(role.id);
  return (
    <Confirm
      title="Remove a role"
      act="Remove"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{role.name}</strong> of <OrganizationName id={role.organization_id} /> goes for good. That works only when
      no user has it any more.
    </Confirm>
  );
}

function NameField({ value, onChange }: { readonly value: string; readonly onChange: (name: string) => void }) {
  return (
    <TextInput
      label="Name"
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
