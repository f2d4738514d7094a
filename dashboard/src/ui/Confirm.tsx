import { Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { FormDialog } from './FormDialog';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly act: string;
  readonly danger?: boolean;
  /** A word that must be typed first; for what cannot be undone. */
  readonly typed?: string;
  readonly busy: boolean;
  readonly failure: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot simply be taken back. */
export function Confirm({ children, typed, onConfirm, ...frame }: Props) {
  const [word, setWord] = useState('');
  return (
    <FormDialog {...frame} ready={typed === undefined || word === typed} onSubmit={onConfirm}>
      <Text size="sm" component="div">
        {children}
      </Text>
      {typed !== undefined && (
        <TextInput
          label={
            <>
              Type <code>{typed}</code> to confirm
            </>
          }
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      )}
    </FormDialog>
  );
}
