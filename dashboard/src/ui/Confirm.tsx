import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ProblemNotice } from './ProblemNotice';

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
export function Confirm(props: Props) {
  const { title, children, act, danger, typed, busy, failure, onConfirm, onClose } = props;
  const [word, setWord] = useState('');
  const ready = typed === undefined || word === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onConfirm();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="md">
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
          {failure ? <ProblemNotice failure={failure} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={danger ? 'brick' : undefined} disabled={!ready} loading={busy}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
