import { Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface Props {
  readonly icon: Icon;
  readonly title: string;
  /** What to do next. */
  readonly children?: ReactNode;
}

/** Nothing is here yet: says so, and how to change it. */
export function Empty({ icon: Picture, title, children }: Props) {
  return (
    <Stack align="center" gap="sm" py="xl" px="md">
      <ThemeIcon size={44} radius="xl" variant="light">
        <Picture size={22} stroke={1.6} />
      </ThemeIcon>
      <Title order={2} ta="center">
        {title}
      </Title>
      <Stack gap="sm" w="100%" maw={640} align="stretch">
        {typeof children === 'string' ? (
          <Text size="sm" c="dimmed" ta="center">
            {children}
          </Text>
        ) : (
          children
        )}
      </Stack>
    </Stack>
  );
}
