import { useNow } from './clock';
import { formatAgo, formatLocal, formatUtc } from './format';

interface Props {
  /** ISO 8601, as the platform sends it. */
  readonly at: string | null | undefined;
  /** What stands there when there is no time. */
  readonly absent?: string;
}

/** How long ago; the exact time, local and UTC, on hover. */
export function Ago({ at, absent = 'never' }: Props) {
  const now = useNow();
  const millis = parse(at);
  if (millis === null) return <span>{absent}</span>;
  return (
    <time dateTime={at!} title={both(millis)}>
      {formatAgo(millis, now)}
    </time>
  );
}

/** A moment in the reader's zone; UTC on hover. */
export function Moment({ at, absent = '–' }: Props) {
  const millis = parse(at);
  if (millis === null) return <span>{absent}</span>;
  return (
    <time dateTime={at!} title={formatUtc(millis)}>
      {formatLocal(millis)}
    </time>
  );
}

const both = (millis: number) => `${formatLocal(millis)}\n${formatUtc(millis)}`;

function parse(at: string | null | undefined) {
  const millis = at ? Date.parse(at) : NaN;
  return Number.isNaN(millis) ? null : millis;
}
