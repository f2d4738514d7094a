import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

interface Props {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Above the title, such as the way back. */
  readonly above?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page: its heading, what can be done here, and the content. */
export function Page({ title, lead, above, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · IoTFlow`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        {above}
        <Group justify="space-between" align="center" gap="sm">
          <Title order={1} style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
            {title}
          </Title>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {lead && (
          <Text component="div" c="dimmed" size="sm">
            {lead}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  );
}
