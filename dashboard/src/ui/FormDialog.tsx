import { Button, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ProblemNotice } from './ProblemNotice';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly act: string;
  readonly danger?: boolean;
  /** Whether what is filled in can be sent. */
  readonly ready?: boolean;
  readonly busy: boolean;
  readonly failure: unknown;
  readonly size?: ModalProps['size'];
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}

/** A form in a dialog: fields, what went wrong, the way back and the button. */
export function FormDialog(props: Props) {
  const { title, children, act, danger, ready = true, busy, failure, size, onSubmit, onClose } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
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
