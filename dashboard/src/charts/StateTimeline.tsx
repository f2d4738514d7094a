import { useComputedColorScheme } from '@mantine/core';
import { formatDuration, formatSpan, formatUtc } from '@/ui/format';
import { lineColor } from '@/theme/palette';
import classes from './StateTimeline.module.css';
import { type Segment, shares } from './states';

interface Props {
  readonly segments: readonly Segment[];
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** How a state changed over time: a bar in as many colours as there are states, and how long each lasted. */
export function StateTimeline({ segments, from, to, label }: Props) {
  const scheme = useComputedColorScheme();
  const parts = shares(segments);
  const known = [...new Set(segments.map((segment) => segment.state))].sort();
  const colorOf = (state: string) => stateColor(state, known.indexOf(state), scheme);
  const percent = (at: number) => (100 * (Math.min(Math.max(at, from), to) - from)) / (to - from);
  return (
    <div>
      <div className={classes.bar} role="img" aria-label={label}>
        {segments.map((segment) => (
          <span
            key={segment.from}
            className={classes.segment}
            style={{
              left: `${percent(segment.from)}%`,
              width: `max(1px, ${percent(segment.to) - percent(segment.from)}%)`,
              background: colorOf(segment.state),
            }}
            title={wordsOf(segment)}
          />
        ))}
      </div>
      <div className={classes.scale} aria-hidden>
        <span>{edge(from, to - from)}</span>
        <span>{edge(to, to - from)}</span>
      </div>
      <ul className={classes.legend}>
        {parts.map(({ state, share }) => (
          <li key={state}>
            <span className={classes.swatch} style={{ background: colorOf(state) }} aria-hidden />
            <span className={classes.state}>{state}</span>
            <span className={classes.share}>{percentWord(share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const wordsOf = ({ state, from, to }: Segment) =>
  [state, formatSpan(from, to), formatUtc(from), formatDuration(to - from)].join('\n');

/** False is quiet and true is not; words take the line colours in the order of the alphabet. */
function stateColor(state: string, index: number, scheme: 'light' | 'dark') {
  if (state === 'false') return scheme === 'light' ? '#d3cfc2' : '#38423d';
  return lineColor(state === 'true' ? 0 : index, scheme);
}

const percentWord = (share: number) => (share > 0 && share < 0.01 ? '<1 %' : `${Math.round(100 * share)} %`);

/** From here on an hour without its date is ambiguous. */
const HALF_A_DAY = 43_200_000;

function edge(at: number, span: number) {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return span > HALF_A_DAY ? `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })} ${time}` : time;
}
