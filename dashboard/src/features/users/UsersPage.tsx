import { Badge, Button, CloseButton, Group, Text, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { OrganizationName } from '@/features/organizations/Organization';
import { useNow } from '@/ui/clock';
import { Empty } from '@/ui/Empty';
import { formatDuration } from '@/ui/format';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type User, useIsSelf, useMayChange, useUsers } from './api';
import { NewUserDialog } from './NewUserDialog';
import {
  DisableDialog,
  PasswordDialog,
  RemoveDialog,
  RoleDialog,
  SecondFactorDialog,
  UnlockDialog,
} from './UserDialogs';

const DIALOGS = {
  role: RoleDialog,
  password: PasswordDialog,
  disable: DisableDialog,
  totp: SecondFactorDialog,
  unlock: UnlockDialog,
  remove: RemoveDialog,
} as const;

interface Open {
  readonly dialog: keyof typeof DIALOGS;
  readonly user: User;
}

/** Everybody who may sign in to the caller's organization and those below. */
export function UsersPage() {
  const users = useUsers();
  const mayWrite = useMay()('users:write');
  const mayChange = useMayChange();
  const isSelf = useIsSelf();
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const found = users.rows.filter((user) => user.name.toLowerCase().includes(search.trim().toLowerCase()));
  const Dialog = open && DIALOGS[open.dialog];

  const actions = (user: User) => {
    if (!mayChange(user)) return null;
    const act = (dialog: Open['dialog']) => () => setOpen({ dialog, user });
    return (
      <RowMenu
        name={user.name}
        acts={[
          { label: 'Change the role', run: act('role') },
          !isSelf(user) && { label: 'Set a new password', run: act('password') },
          isLocked(user) && { label: 'Unlock', run: act('unlock') },
          user.totp && !isSelf(user) && { label: 'Take the second factor away', run: act('totp') },
          !isSelf(user) && { label: user.disabled ? 'Enable' : 'Disable', danger: !user.disabled, run: act('disable') },
          !isSelf(user) && { label: 'Remove', danger: true, run: act('remove') },
        ]}
      />
    );
  };
  return (
    <Page
      title="Users"
      lead="People who sign in by name. Programs have service tokens."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
            New user
          </Button>
        )
      }
    >
      <TextInput
        type="search"
        aria-label="Search users"
        placeholder={users.more ? 'Search those that are shown' : 'Search by name'}
        data-search
        leftSection={<IconSearch size={16} />}
        rightSection={search && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setSearch('')} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <List
        label="Users"
        pages={{ ...users, rows: found }}
        columns={COLUMNS}
        keyOf={(user) => user.id}
        actions={mayWrite ? actions : undefined}
        empty={
          users.rows.length > 0 ? (
            <Empty icon={IconSearch} title="No user has this name" />
          ) : (
            <Empty icon={IconUsers} title="No user yet">
              Create one with the button above; until then the admin credential is the only way in.
            </Empty>
          )
        }
      />
      {creating && <NewUserDialog onClose={() => setCreating(false)} />}
      {Dialog && <Dialog user={open.user} onClose={() => setOpen(null)} />}
    </Page>
  );
}

const isLocked = (user: User) => user.locked_until !== null && Date.parse(user.locked_until) > Date.now();

const COLUMNS: readonly Column<User>[] = [
  { label: 'Name', cell: (user) => user.name },
  { label: 'Role', cell: (user) => user.role },
  { label: 'Organization', cell: (user) => <OrganizationName id={user.organization_id} /> },
  { label: 'State', cell: (user) => <State user={user} /> },
  { label: 'Second factor', quiet: true, cell: (user) => (user.totp ? 'on' : '–') },
  { label: 'Created', quiet: true, cell: (user) => <Ago at={user.created_at} /> },
];

function State({ user }: { readonly user: User }) {
  const now = useNow();
  const left = user.locked_until === null ? 0 : Date.parse(user.locked_until) - now;
  if (!user.disabled && left <= 0) {
    return (
      <Text span size="sm" c="dimmed">
        may sign in
      </Text>
    );
  }
  return (
    <Group gap={6} component="span">
      {user.disabled && <Badge color="brick">disabled</Badge>}
      {left > 0 && <Badge color="ochre">locked for {formatDuration(Math.ceil(left / 1000) * 1000)}</Badge>}
    </Group>
  );
}
