import { Text, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect } from 'react';
import { Brand } from '@/app/Brand';
import classes from './SignInPage.module.css';

interface Props {
  readonly title: string;
  readonly lead: ReactNode;
  readonly onSubmit?: () => void;
  readonly children: ReactNode;
  /** Below the form. */
  readonly help?: ReactNode;
}

/** What every step of signing in looks like. */
export function SignInFrame({ title, lead, onSubmit, children, help }: Props) {
  useEffect(() => {
    document.title = `${title} · IoTFlow`;
  }, [title]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <main className={classes.page}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.fields}>
          <div>
            <Title order={1}>{title}</Title>
            <Text size="sm" c="dimmed" mt={6} component="div">
              {lead}
            </Text>
          </div>
          {children}
        </div>
      </form>
      <div className={classes.help}>{help}</div>
    </main>
  );
}
