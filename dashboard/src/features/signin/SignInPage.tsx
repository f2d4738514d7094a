import { Anchor, Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { Navigate, useLocation } from 'react-router';
import { asProblem } from '@/api/problem';
import { signIn, useSession } from '@/api/session';
import { Brand } from '@/app/Brand';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { authorizationFrom, checkCredential } from './credential';
import classes from './SignInPage.module.css';

export function SignInPage() {
  const { session, notice } = useSession();
  const wanted = (useLocation().state as { wanted?: string } | null)?.wanted;
  const [typed, setTyped] = useState('');
  const check = useMutation({ mutationFn: checkCredential, onSuccess: signIn });
  useEffect(() => {
    document.title = 'Sign in · IoTFlow';
  }, []);
  if (session) return <Navigate to={wanted ?? '/overview'} replace />;

  const authorization = authorizationFrom(typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (authorization) check.mutate(authorization);
  };
  const refused = check.error && asProblem(check.error).status === 401;
  return (
    <main className={classes.page}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <form className={classes.form} onSubmit={submit}>
        <Stack gap="lg">
          <div>
            <Title order={1}>Sign in</Title>
            <Text size="sm" c="dimmed" mt={6}>
              {notice ?? 'With the admin credential of your platform.'}
            </Text>
          </div>
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
        </Stack>
      </form>
      <div className={classes.help}>
        <Text size="sm" fw={550} component="h2">
          Where do I find it?
        </Text>
        <Text size="sm" c="dimmed">
          The platform prints it once at its first start, and keeps it in the file <code>admin-token</code> of its data
          folder. <code>IOTFLOW_ADMIN_TOKEN</code> sets your own. There is no built-in password.
        </Text>
        <Text size="sm" c="dimmed">
          Programs use the same platform through its <Anchor href="/docs">API</Anchor>.
        </Text>
      </div>
    </main>
  );
}
