import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Said wherever a secret is shown. */
export function OnlyOnce({ what = 'the key is' }: { readonly what?: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <IconKey size={18} color="var(--warn)" style={{ flex: 'none', marginTop: 2 }} aria-hidden />
      <Text size="sm">
        Copy now: this is the only time that {what} shown. The platform keeps no copy that could be read.
      </Text>
    </Group>
  );
}

interface Props {
  readonly title: string;
  /** What is shown, with its verb: `the token is`. */
  readonly what: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** A dialog with a secret in it, which a slip of the hand does not close. */
export function ShownOnce({ title, what, children, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="md">
        <OnlyOnce what={what} />
        {children}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
