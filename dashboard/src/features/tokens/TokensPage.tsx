import { Button, Select, Text, TextInput } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { PermissionChoice } from '@/features/access/PermissionChoice';
import { inWords } from '@/features/access/permissions';
import { OrganizationName, OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { CopyLine } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { Expiry } from '@/ui/Expiry';
import { FormDialog } from '@/ui/FormDialog';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { ShownOnce } from '@/ui/ShownOnce';
import { Ago } from '@/ui/Time';
import { type Token, useCreateToken, useRevokeToken, useTokens } from './api';

/** Credentials of programs, which end by themselves. */
export function TokensPage() {
  const tokens = useTokens();
  const mayWrite = useMay()('tokens:write');
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <Page
      title="Service tokens"
      lead="Credentials of programs. Each has permissions of its own, and ends after a year at the most."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
            New token
          </Button>
        )
      }
    >
      <List
        label="Service tokens"
        pages={tokens}
        columns={COLUMNS}
        keyOf={(token) => token.id}
        actions={
          mayWrite
            ? (token) => (
                <RowMenu name={token.name} acts={[{ label: 'Revoke', danger: true, run: () => setRevoking(token) }]} />
              )
            : undefined
        }
        empty={
          <Empty icon={IconKey} title="No service token yet">
            Make one for each program that reads or writes here, with no more than it needs.
          </Empty>
        }
      />
      {creating && <NewTokenDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}

const COLUMNS: readonly Column<Token>[] = [
  { label: 'Name', cell: (token) => token.name },
  { label: 'May', cell: (token) => inWords(token.permissions) },
  { label: 'Organization', cell: (token) => <OrganizationName id={token.organization_id} /> },
  { label: 'Ends', cell: (token) => <Expiry at={token.expires_at} /> },
  { label: 'Made by', quiet: true, cell: (token) => token.created_by },
  { label: 'Made', quiet: true, cell: (token) => <Ago at={token.created_at} /> },
];

const TIMES = [
  { value: '+1d', label: 'A day' },
  { value: '+7d', label: 'A week' },
  { value: '+30d', label: '30 days' },
  { value: '+90d', label: '90 days' },
  { value: '+365d', label: 'A year' },
];

function NewTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const create = useCreateToken();
  const own = useOwnOrganization();
  const [name, setName] = useState('');
  const [organization, setOrganization] = useState(own);
  const [lasts, setLasts] = useState('+90d');
  const [permissions, setPermissions] = useState<string[]>([]);
  if (create.data) {
    return (
      <ShownOnce title={`The token ${create.data.name}`} what="the token is" onClose={onClose}>
        <CopyLine titled label="Token" text={create.data.token} />
        <CopyLine
          titled
          label="Try it"
          text={`curl -H 'Authorization: Bearer ${create.data.token}' ${location.origin}/api/v1/auth/me`}
        />
      </ShownOnce>
    );
  }
  return (
    <FormDialog
      title="New service token"
      act="Create"
      size="lg"
      ready={name.trim() !== '' && permissions.length > 0}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() =>
        create.mutate({ name: name.trim(), permissions, expires_at: lasts, organization_id: organization })
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="What it is for; it stands in the audit log beside what the program does."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        required
        withAsterisk={false}
        data-autofocus
      />
      <OrganizationSelect
        label="Organization"
        description="It sees this one and those below."
        value={organization}
        onChange={setOrganization}
      />
      <Select
        label="Ends after"
        data={TIMES}
        value={lasts}
        onChange={(next) => next && setLasts(next)}
        allowDeselect={false}
      />
      <PermissionChoice label="May" value={permissions} onChange={setPermissions} />
      {permissions.includes('tokens:write') && (
        <Text size="sm" c="var(--warn)">
          With tokens:write a token can make its own successor before it ends.
        </Text>
      )}
    </FormDialog>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const revoke = useRevokeToken();
  return (
    <Confirm
      title="Revoke a token"
      act="Revoke"
      danger
      busy={revoke.isPending}
      failure={revoke.error}
      onConfirm={() => revoke.mutate(token.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Programs that use <strong>{token.name}</strong> are refused at once. A token that is revoked does not come back;
      make a new one instead.
    </Confirm>
  );
}
