import { formatCount } from '@/ui/format';
import type { RolloutProgress, Status } from './api';
import classes from './Statuses.module.css';

type Tone = 'waiting' | 'offered' | 'updating' | 'installed' | 'failed' | 'rolled_back' | 'cancelled';

/** What a device's update may be at, in its order, with the colour that stands for it. */
export const STATUSES: Record<Status, { readonly words: string; readonly tone: Tone }> = {
  installed: { words: 'installed', tone: 'installed' },
  installing: { words: 'installing', tone: 'updating' },
  verified: { words: 'verified', tone: 'updating' },
  downloaded: { words: 'downloaded', tone: 'updating' },
  downloading: { words: 'downloading', tone: 'updating' },
  offered: { words: 'offered', tone: 'offered' },
  failed: { words: 'failed', tone: 'failed' },
  rolled_back: { words: 'rolled back', tone: 'rolled_back' },
  cancelled: { words: 'called back', tone: 'cancelled' },
  waiting: { words: 'waiting', tone: 'waiting' },
};
export const STATUS_WORDS = Object.keys(STATUSES) as Status[];

interface Part {
  readonly key: string;
  readonly words: string;
  readonly tone: Tone;
  readonly devices: number;
}

/** How many devices are at what, each state by itself. */
export const byStatus = (statuses: RolloutProgress['statuses']): Part[] =>
  STATUS_WORDS.map((key) => ({ key, ...STATUSES[key], devices: statuses[key] ?? 0 })).filter(
    ({ devices }) => devices > 0,
  );

/** The same of a stage, which is told more coarsely. */
export function byCounts(counts: RolloutProgress['progress']): Part[] {
  const parts: [Tone, string, number][] = [
    ['installed', 'installed', counts.installed],
    ['updating', 'updating', counts.updating],
    ['failed', 'failed', counts.failed],
    ['cancelled', 'called back', counts.cancelled],
    ['waiting', 'waiting', counts.waiting],
  ];
  return parts
    .filter(([, , devices]) => devices > 0)
    .map(([tone, words, devices]) => ({ key: tone, tone, words, devices }));
}

/** How devices are doing: a bar that has a part for each state, and the states in words with their numbers. */
export function Statuses({ parts, label }: { readonly parts: readonly Part[]; readonly label: string }) {
  return (
    <div>
      <div className={classes.bar} aria-hidden>
        {parts.map(({ key, tone, devices }) => (
          <div key={key} className={classes.part} data-tone={tone} style={{ flexGrow: devices, flexBasis: 0 }} />
        ))}
      </div>
      <ul className={classes.legend} aria-label={label}>
        {parts.map(({ key, words, tone, devices }) => (
          <li key={key}>
            <span className={classes.mark} data-tone={tone} aria-hidden />
            <span>
              <strong>{formatCount(devices)}</strong> {words}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
