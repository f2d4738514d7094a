import { Text } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '@/ui/Confirm';
import { CopyLine } from '@/ui/CopyLine';
import { FormDialog } from '@/ui/FormDialog';
import { ShownOnce } from '@/ui/ShownOnce';
import { type User, useChangeUser, useRemoveUser, useSetPassword, useUnlockUser } from './api';
import { type Chosen, PasswordChoice, RoleSelect } from './NewUserDialog';
import { madePassword } from './password';

interface Props {
  readonly user: User;
  readonly onClose: () => void;
}

export function RoleDialog({ user, onClose }: Props) {
  const change = useChangeUser(user.id);
  const [role, setRole] = useState(user.role);
  return (
    <FormDialog
      title={`Change the role of ${user.name}`}
      act="Change"
      ready={role !== user.role}
      busy={change.isPending}
      failure={change.error}
      onSubmit={() => change.mutate({ role }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <RoleSelect organization={user.organization_id} value={role} onChange={setRole} />
      <Text size="sm" c="dimmed">
        It counts at once, also where {user.name} is signed in now.
      </Text>
    </FormDialog>
  );
}

export function PasswordDialog({ user, onClose }: Props) {
  const set = useSetPassword(user.id);
  const [password, setPassword] = useState<Chosen>({ made: true, text: madePassword() });
  if (set.isSuccess && password.made) {
    return (
      <ShownOnce title={`The new password of ${user.name}`} what="the password is" onClose={onClose}>
        <CopyLine titled label="Password" text={password.text} />
      </ShownOnce>
    );
  }
  return (
    <FormDialog
      title={`A new password for ${user.name}`}
      act="Set the password"
      ready={password.text.length >= 12}
      busy={set.isPending}
      failure={set.error}
      onSubmit={() => set.mutate(password.text, { onSuccess: () => !password.made && onClose() })}
      onClose={onClose}
    >
      <Text size="sm">The old one no longer serves, and all sessions of {user.name} end. A second factor stays.</Text>
      <PasswordChoice value={password} onChange={setPassword} />
    </FormDialog>
  );
}

export function DisableDialog({ user, onClose }: Props) {
  const change = useChangeUser(user.id);
  return (
    <Confirm
      title={user.disabled ? 'Let a user in again' : 'Disable a user'}
      act={user.disabled ? 'Enable' : 'Disable'}
      danger={!user.disabled}
      busy={change.isPending}
      failure={change.error}
      onConfirm={() => change.mutate({ disabled: !user.disabled }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {user.disabled ? (
        <>
          <strong>{user.name}</strong> can sign in again, with the password and second factor of before.
        </>
      ) : (
        <>
          <strong>{user.name}</strong> is out at once: all sessions end, and signing in is refused until the user is
          enabled again. Nothing is deleted.
        </>
      )}
    </Confirm>
  );
}

export function SecondFactorDialog({ user, onClose }: Props) {
  const change = useChangeUser(user.id);
  return (
    <Confirm
      title="Take the second factor away"
      act="Take away"
      danger
      busy={change.isPending}
      failure={change.error}
      onConfirm={() => change.mutate({ totp: false }, { onSuccess: onClose })}
      onClose={onClose}
    >
      For a lost authenticator: from now on the password alone signs <strong>{user.name}</strong> in, until a new second
      factor is set up. Be sure that it is {user.name} who asks.
    </Confirm>
  );
}

export function UnlockDialog({ user, onClose }: Props) {
  const unlock = useUnlockUser(user.id);
  return (
    <Confirm
      title="Unlock a user"
      act="Unlock"
      busy={unlock.isPending}
      failure={unlock.error}
      onConfirm={() => unlock.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Too many wrong attempts were made under this name. <strong>{user.name}</strong> can try again at once.
    </Confirm>
  );
}

export function RemoveDialog({ user, onClose }: Props) {
  const remove = useRemoveUser(user.id);
  return (
    <Confirm
      title="Remove a user"
      act="Remove"
      danger
      typed={user.name}
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{user.name}</strong> is out at once and cannot be brought back. What the user did stays in the audit log,
      and service tokens that the user made go on working.
    </Confirm>
  );
}
