import { Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Credentials, signInAs } from '@/api/access';
import { asProblem } from '@/api/problem';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { SignInFrame } from './SignInFrame';
import { SubmitWhenAllowed } from './SubmitWhenAllowed';
import { rememberWanted, useProvider } from './ways';

interface Props {
  readonly choice: ReactNode;
  readonly notice: string | null;
  readonly wanted: string | undefined;
  /** Name and password are right, and a code is missing. */
  readonly onSecondFactor: (credentials: Credentials) => void;
}

export function PasswordForm({ choice, notice, wanted, onSecondFactor }: Props) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const provider = useProvider();
  const attempt = useMutation({
    mutationFn: signInAs,
    onError: (failure, credentials) => {
      if (asProblem(failure).code === 'totp_required') onSecondFactor(credentials);
    },
  });
  const problem = attempt.error ? asProblem(attempt.error) : null;
  const refused = problem?.code === 'sign_in_refused';
  return (
    <SignInFrame
      title="Sign in"
      lead={notice ?? 'As a user of this platform.'}
      onSubmit={() => attempt.mutate({ username: username.trim(), password })}
      help={<FirstUser />}
    >
      {choice}
      <Stack gap="sm">
        <TextInput
          label="Name"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          required
          withAsterisk={false}
          autoFocus
          error={refused || undefined}
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          size="md"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          error={refused ? 'The name or the password is wrong.' : undefined}
        />
      </Stack>
      {problem && !refused && problem.code !== 'totp_required' ? <ProblemNotice failure={problem} /> : null}
      <SubmitWhenAllowed problem={problem} busy={attempt.isPending} ready={username.trim() !== '' && password !== ''}>
        Sign in
      </SubmitWhenAllowed>
      {provider && (
        <>
          <Divider label="or" />
          <Button
            component="a"
            href={provider.start}
            onClick={() => rememberWanted(wanted)}
            variant="default"
            size="md"
            fullWidth
          >
            Sign in with {provider.label}
          </Button>
        </>
      )}
    </SignInFrame>
  );
}

function FirstUser() {
  return (
    <>
      <Text size="sm" fw={550} component="h2">
        No user yet?
      </Text>
      <Text size="sm" c="dimmed">
        Whoever runs the platform signs in with its credential and creates the first one. A forgotten password is
        replaced by whoever manages your users.
      </Text>
    </>
  );
}
