import { Button, Group, Text } from '@mantine/core';
import { pretty } from '@/editor/json';
import { Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { useShadowHistory } from './api';
import classes from './Shadow.module.css';

/** Who has desired what, the newest first; nothing at all before anybody has. */
export function DesiredHistory({ device }: { readonly device: number }) {
  const { rows, failure, retry, more, isFetchingMore } = useShadowHistory(device);
  if (failure) return <ProblemNotice failure={failure} retry={retry} />;
  if (rows.length === 0) return null;
  return (
    <Titled title="What was desired">
      <ol className={classes.changes} aria-label="Changes of the desired half, the newest first">
        {rows.map(({ desired_version, author, changed_at, patch }) => (
          <li key={desired_version}>
            <Group gap="xs">
              <strong>Change {formatCount(desired_version)}</strong>
              <Text span size="sm" c="dimmed">
                {author}, <Moment at={changed_at} />
              </Text>
            </Group>
            {patch === null ? (
              <Text size="sm">Nothing was desired any more.</Text>
            ) : (
              <pre className={classes.patch}>{pretty(patch)}</pre>
            )}
          </li>
        ))}
      </ol>
      {more && (
        <Group justify="center" mt="sm">
          <Button variant="default" size="xs" onClick={more} loading={isFetchingMore}>
            Show older ones
          </Button>
        </Group>
      )}
    </Titled>
  );
}
