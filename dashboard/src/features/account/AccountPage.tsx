import { Badge, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { endSession } from '@/api/access';
import { type Me, roleWords, useMe } from '@/api/me';
import { asProblem } from '@/api/problem';
import { OrganizationName } from '@/features/organizations/Organization';
import { Columns } from '@/ui/Columns';
import { type Fact, Facts, Titled } from '@/ui/Facts';
import { FormDialog } from '@/ui/FormDialog';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import classes from './Account.module.css';
import { useChangePassword, useRemoveSecondFactor } from './api';
import { SecondFactorSetup } from './SecondFactorSetup';

/** Who is signed in, and what somebody changes about himself. */
export function AccountPage() {
  const me = useMe();
  return (
    <Page
      title="Account"
      actions={
        <Button variant="default" onClick={endSession}>
          Sign out
        </Button>
      }
    >
      {me.error ? <ProblemNotice failure={me.error} retry={() => void me.refetch()} /> : null}
      {me.data && (
        <Columns from="md">
          <WhoAmI me={me.data} />
          {me.data.user_id === undefined ? <NoPerson me={me.data} /> : <OwnAffairs me={me.data} />}
        </Columns>
      )}
    </Page>
  );
}

function WhoAmI({ me }: { readonly me: Me }) {
  const rows: Fact[] = [
    ['Name', me.name],
    ['Role', roleWords(me)],
    ['Organization', <OrganizationName id={me.organization_id ?? null} />],
  ];
  return (
    <Titled title="Who you are">
      <Facts rows={rows} />
      <Text size="sm" c="dimmed" mt="md" mb={8}>
        What you may do
      </Text>
      <div className={classes.permissions}>
        {me.permissions?.map((permission) => (
          <Badge key={permission} color="gray">
            {permission}
          </Badge>
        ))}
      </div>
    </Titled>
  );
}

function NoPerson({ me }: { readonly me: Me }) {
  return (
    <Titled title="A credential, not a person">
      <Text size="sm" c="dimmed">
        {me.role === 'admin'
          ? 'You are signed in with the admin credential of this platform. It has no password and no second factor. For daily work create a user, whose acts have a name in the audit log.'
          : 'You are signed in with a service token. It has no password and no second factor.'}
      </Text>
    </Titled>
  );
}

function OwnAffairs({ me }: { readonly me: Me }) {
  return (
    <Stack gap="md">
      <SecondFactor me={me} />
      <NewPassword name={me.name} />
    </Stack>
  );
}

function SecondFactor({ me }: { readonly me: Me }) {
  const [dialog, setDialog] = useState<'on' | 'off' | null>(null);
  const close = () => setDialog(null);
  return (
    <Titled title="Second factor">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" style={{ flex: '1 1 220px' }}>
          {me.totp
            ? 'Signing in takes a code from your authenticator.'
            : 'Signing in takes your password only. With a code from an authenticator, a stolen password is not enough.'}
        </Text>
        {me.totp ? (
          <Button variant="default" onClick={() => setDialog('off')}>
            Turn off
          </Button>
        ) : (
          <Button onClick={() => setDialog('on')}>Set up</Button>
        )}
      </Group>
      {dialog === 'on' && <SecondFactorSetup name={me.name} onClose={close} />}
      {dialog === 'off' && <TurnOff onClose={close} />}
    </Titled>
  );
}

function TurnOff({ onClose }: { readonly onClose: () => void }) {
  const [code, setCode] = useState('');
  const remove = useRemoveSecondFactor();
  return (
    <FormDialog
      title="Turn the second factor off"
      act="Turn off"
      danger
      ready={code.trim() !== ''}
      busy={remove.isPending}
      failure={remove.error}
      onSubmit={() => remove.mutate(code.replaceAll(/\s/g, ''), { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm">
        From then on your password alone signs you in, and the recovery codes are worthless. Setting it up again makes a
        new secret.
      </Text>
      <TextInput
        label="Code"
        description="From the authenticator, or a recovery code."
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoComplete="one-time-code"
        data-autofocus
      />
    </FormDialog>
  );
}

function NewPassword({ name }: { readonly name: string }) {
  const change = useChangePassword();
  const [present, setPresent] = useState('');
  const [wanted, setWanted] = useState('');
  const problem = change.error ? asProblem(change.error) : null;
  const isWrong = problem?.code === 'sign_in_refused';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { password: present, new_password: wanted },
      {
        onSuccess: () => {
          setPresent('');
          setWanted('');
          notifications.show({ message: 'The password is changed. Your other sessions have ended.' });
        },
      },
    );
  };
  return (
    <Titled title="Password">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
          <PasswordInput
            label="Present password"
            value={present}
            onChange={(event) => setPresent(event.currentTarget.value)}
            autoComplete="current-password"
            error={isWrong ? 'This is not your password.' : undefined}
          />
          <PasswordInput
            label="New password"
            description="12 to 128 characters. All your other sessions end."
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            autoComplete="new-password"
            maxLength={128}
          />
          {problem && !isWrong ? <ProblemNotice failure={problem} /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={!present || wanted.length < 12}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Titled>
  );
}
