import { Text, Textarea } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';

interface Props {
  readonly title: string;
  readonly act: string;
  readonly children: ReactNode;
  readonly busy: boolean;
  readonly failure: unknown;
  readonly onAct: (reason: string) => void;
  readonly onClose: () => void;
}

/** The most characters of a comment or a reason. */
export const MOST_CHARACTERS = 2_000;

/** Asks why, which may be left open. Enter does it; Shift and Enter begin a new line. */
export function ReasonDialog({ title, act, children, busy, failure, onAct, onClose }: Props) {
  const [reason, setReason] = useState('');
  const submit = () => onAct(reason);
  return (
    <FormDialog title={title} act={act} busy={busy} failure={failure} onSubmit={submit} onClose={onClose}>
      <Text size="sm">{children}</Text>
      <Textarea
        label="Reason"
        description="For the history; may be empty."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={onEnter(submit)}
        maxLength={MOST_CHARACTERS}
        autosize={false}
        rows={3}
        data-autofocus
      />
    </FormDialog>
  );
}

/** What Enter alone does in a field of several lines. */
export const onEnter = (run: () => void) => (event: KeyboardEvent) => {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  run();
};
