import { PasswordInput, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useHolds } from '@/api/me';
import { OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { useRoles } from '@/features/roles/api';
import { CopyLine } from '@/ui/CopyLine';
import { FormDialog } from '@/ui/FormDialog';
import { ShownOnce } from '@/ui/ShownOnce';
import { rolesFor, useCreateUser } from './api';
import { madePassword } from './password';

/** Creates a user; a password that was made is shown once, to be handed over. */
export function NewUserDialog({ onClose }: { readonly onClose: () => void }) {
  const create = useCreateUser();
  const own = useOwnOrganization();
  const [name, setName] = useState('');
  const [organization, setOrganization] = useState(own);
  const [role, setRole] = useState<string | null>(null);
  const [password, setPassword] = useState<Chosen>({ made: true, text: madePassword() });
  const move = (to: number) => {
    setOrganization(to);
    setRole(null);
  };
  if (create.data && password.made) {
    return (
      <ShownOnce title={`${create.data.name} can sign in`} what="the password is" onClose={onClose}>
        <CopyLine titled label="Name" text={create.data.name} />
        <CopyLine titled label="Password" text={password.text} />
      </ShownOnce>
    );
  }
  return (
    <FormDialog
      title="New user"
      act="Create"
      ready={name.trim() !== '' && role !== null && password.text.length >= 12}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() =>
        create.mutate(
          { name: name.trim(), password: password.text, role: role!, organization_id: organization },
          { onSuccess: () => !password.made && onClose() },
        )
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="To sign in with, such as a mail address. Unique on the platform."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
      />
      <OrganizationSelect label="Organization" value={organization} onChange={move} />
      <RoleSelect organization={organization} value={role} onChange={setRole} />
      <PasswordChoice value={password} onChange={setPassword} />
    </FormDialog>
  );
}

export interface Chosen {
  /** Made here and shown once, rather than typed. */
  readonly made: boolean;
  readonly text: string;
}

interface ChoiceProps {
  readonly value: Chosen;
  readonly onChange: (chosen: Chosen) => void;
}

/** A password that is made, or one that is typed. */
export function PasswordChoice({ value, onChange }: ChoiceProps) {
  return (
    <>
      <Radio.Group
        label="Password"
        value={value.made ? 'made' : 'typed'}
        onChange={(way) => onChange(way === 'made' ? { made: true, text: madePassword() } : { made: false, text: '' })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="made" label="Make one, and show it once" />
          <Radio value="typed" label="Type one" />
        </Stack>
      </Radio.Group>
      {!value.made && (
        <PasswordInput
          aria-label="The password"
          description="12 to 128 characters. Whoever gets it can change it on the account page."
          value={value.text}
          onChange={(event) => onChange({ made: false, text: event.currentTarget.value })}
          maxLength={128}
          autoComplete="new-password"
        />
      )}
    </>
  );
}

interface RoleProps {
  readonly organization: number | null;
  readonly value: string | null;
  readonly onChange: (role: string) => void;
}

/** A role that the caller can give; those with more than he has are named, and cannot be chosen. */
export function RoleSelect({ organization, value, onChange }: RoleProps) {
  const holds = useHolds();
  const data = rolesFor(useRoles().rows, organization).map((role) => ({
    value: role.name,
    label: role.name,
    disabled: !holds(role.permissions),
  }));
  return (
    <Select
      label="Role"
      placeholder="Choose one"
      data={data}
      value={value}
      onChange={(name) => name && onChange(name)}
      allowDeselect={false}
    />
  );
}
