import { Anchor, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { type Credentials, signInAs } from '@/api/access';
import { asProblem } from '@/api/problem';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { SignInFrame } from './SignInFrame';
import { SubmitWhenAllowed } from './SubmitWhenAllowed';

interface Props {
  readonly credentials: Credentials;
  readonly onBack: () => void;
}

/** The second step, for users who have turned it on. */
export function SecondFactorForm({ credentials, onBack }: Props) {
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState(false);
  const attempt = useMutation({ mutationFn: signInAs });
  const problem = attempt.error ? asProblem(attempt.error) : null;
  const refused = problem?.code === 'sign_in_refused';
  const change = () => {
    setRecovery(!recovery);
    setCode('');
    attempt.reset();
  };
  return (
    <SignInFrame
      title="Second factor"
      lead={
        <>
          {recovery ? 'With one of the recovery codes of ' : 'With the code that the authenticator shows for '}
          <strong>{credentials.username}</strong>.
        </>
      }
      onSubmit={() => attempt.mutate({ ...credentials, totp: code.replaceAll(/\s/g, '') })}
    >
      <TextInput
        key={String(recovery)}
        label={recovery ? 'Recovery code' : 'Code'}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoComplete="one-time-code"
        inputMode={recovery ? 'text' : 'numeric'}
        autoCapitalize="none"
        spellCheck={false}
        size="md"
        autoFocus
        error={
          refused
            ? recovery
              ? 'This code is not accepted. Each is good once.'
              : 'This code is not accepted. Each is good once, for about a minute; is the clock of the authenticator right?'
            : undefined
        }
      />
      {problem && !refused ? <ProblemNotice failure={problem} /> : null}
      <SubmitWhenAllowed problem={problem} busy={attempt.isPending} ready={code.trim() !== ''}>
        Sign in
      </SubmitWhenAllowed>
      <Group justify="space-between">
        <Anchor component="button" type="button" size="sm" onClick={onBack}>
          Back
        </Anchor>
        <Anchor component="button" type="button" size="sm" onClick={change}>
          {recovery ? 'Use the authenticator' : 'Use a recovery code'}
        </Anchor>
      </Group>
    </SignInFrame>
  );
}
