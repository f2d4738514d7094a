import { Anchor, Button, PasswordInput, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { asProblem } from '@/api/problem';
import { signIn } from '@/api/session';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { authorizationFrom, checkCredential } from './credential';
import { SignInFrame } from './SignInFrame';

interface Props {
  readonly choice: ReactNode;
  readonly notice: string | null;
}

/** For whoever runs the platform: the admin credential, which is there before any user is. */
export function CredentialForm({ choice, notice }: Props) {
  const [typed, setTyped] = useState('');
  const check = useMutation({ mutationFn: checkCredential, onSuccess: signIn });
  const authorization = authorizationFrom(typed);
  const refused = check.error && asProblem(check.error).status === 401;
  return (
    <SignInFrame
      title="Sign in"
      lead={notice ?? 'With the admin credential of your platform.'}
      onSubmit={() => authorization && check.mutate(authorization)}
      help={<WhereItIs />}
    >
      {choice}
      <PasswordInput
        label="Admin credential"
        placeholder="Paste it here"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={refused ? 'The platform does not know this credential.' : undefined}
        autoComplete="current-password"
        spellCheck={false}
        size="md"
        required
        withAsterisk={false}
        autoFocus
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the credential' }}
      />
      {check.error && !refused ? <ProblemNotice failure={check.error} /> : null}
      <Button type="submit" size="md" fullWidth loading={check.isPending} disabled={!authorization}>
        Sign in
      </Button>
    </SignInFrame>
  );
}

function WhereItIs() {
  return (
    <>
      <Text size="sm" fw={550} component="h2">
        Where do I find it?
      </Text>
      <Text size="sm" c="dimmed">
        The platform prints it once at its first start, and keeps it in the file <code>admin-token</code> of its data
        folder. <code>IOTFLOW_ADMIN_TOKEN</code> sets your own. There is no built-in password.
      </Text>
      <Text size="sm" c="dimmed">
        A service token serves as well, for a look at what it may see. Programs use the same platform through its{' '}
        <Anchor href="/docs">API</Anchor>.
      </Text>
    </>
  );
}
