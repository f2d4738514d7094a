import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { asProblem } from '@/api/problem';

interface Props {
  readonly failure: unknown;
  readonly retry?: () => void;
}

const FRAME = {
  border: '1px solid color-mix(in srgb, var(--bad) 30%, transparent)',
  background: 'color-mix(in srgb, var(--bad) 6%, var(--surface))',
};

/** A refusal or a failure in the platform's own words: what happened, and what to do instead. */
export function ProblemNotice({ failure, retry }: Props) {
  const problem = asProblem(failure);
  return (
    <Alert color="brick" style={FRAME} icon={<IconAlertTriangle size={18} />} title={problem.title} role="alert">
      {problem.detail && problem.detail !== problem.title && <Text size="sm">{problem.detail}</Text>}
      {problem.errors.map((error) => (
        <Text size="sm" key={error.field + error.detail}>
          {error.field && <code>{error.field}</code>} {error.detail}
        </Text>
      ))}
      {problem.hint && (
        <Text size="sm" c="dimmed" mt={4}>
          {problem.hint}
        </Text>
      )}
      {retry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
