import { Text } from '@mantine/core';
import { useNow } from './clock';
import { formatDuration, formatLocal, formatUtc } from './format';

/** Ends within this time are worth a colour, in milliseconds. */
const SOON = 7 * 86_400_000;

interface Props {
  readonly at: string | null;
  /** What stands there when it does not end. */
  readonly never?: string;
}

/** When something ends: how long it still lasts, the moment on hover. */
export function Expiry({ at, never = 'does not end' }: Props) {
  const now = useNow();
  if (at === null) return <>{never}</>;
  const end = Date.parse(at);
  const left = end - now;
  return (
    <time dateTime={at} style={{ whiteSpace: 'nowrap' }} title={`${formatLocal(end)}\n${formatUtc(end)}`}>
      <Text span inherit c={left <= 0 ? 'var(--bad)' : left < SOON ? 'var(--warn)' : undefined}>
        {left <= 0 ? 'ended' : `in ${formatDuration(left)}`}
      </Text>
    </time>
  );
}
