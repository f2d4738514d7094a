import type { Replay, Replayed } from './api';

/** Whether an alert would be raised by both rules, or only by one of them. */
export type Verdict = 'both' | 'only_would' | 'only_in_force' | 'would';

/** An alert that a replay has found, on the side of the draft or of the rule in force. */
export interface Band {
  readonly side: 'would' | 'in_force';
  readonly verdict: Verdict;
  readonly alert: Replayed;
  /** Epoch milliseconds; one that has not ended goes to the end of what was replayed. */
  readonly from: number;
  readonly to: number;
}

/** How each verdict is called, and its colour in the light and the dark scheme. */
export const VERDICTS: Record<Verdict, { readonly words: string; readonly colors: readonly [string, string] }> = {
  would: { words: 'would be raised', colors: ['#0e7a5c', '#3fb894'] },
  both: { words: 'as in force', colors: ['#51707d', '#93b3c1'] },
  only_would: { words: 'only by this draft', colors: ['#0e7a5c', '#3fb894'] },
  only_in_force: { words: 'only by the rule in force', colors: ['#b4690e', '#e2a14a'] },
};

const nameOf = ({ device_id, key, began_at }: Replayed) => `${device_id}/${began_at}/${key}`;

/** All alerts of a replay, those of the draft before those of the rule in force, each in the order of time. */
export function bandsOf(replay: Replay, end: number): readonly Band[] {
  const onlyWould = new Set(replay.difference?.only_would.map(nameOf));
  const onlyInForce = new Set(replay.difference?.only_in_force.map(nameOf));
  const band = (side: Band['side'], verdict: Verdict, alert: Replayed): Band => ({
    side,
    verdict,
    alert,
    from: Date.parse(alert.began_at),
    to: alert.ended_at === null ? end : Date.parse(alert.ended_at),
  });
  const would = replay.would.alerts.map((alert) =>
    band('would', replay.difference === null ? 'would' : onlyWould.has(nameOf(alert)) ? 'only_would' : 'both', alert),
  );
  const inForce = (replay.in_force?.alerts ?? []).map((alert) =>
    band('in_force', onlyInForce.has(nameOf(alert)) ? 'only_in_force' : 'both', alert),
  );
  const byTime = (a: Band, b: Band) => a.from - b.from;
  return [...would.sort(byTime), ...inForce.sort(byTime)];
}

/** What is listed: every alert of the draft, and those that only the rule in force would raise; in the order of time. */
export const listed = (bands: readonly Band[]): readonly Band[] =>
  bands.filter((band) => band.side === 'would' || band.verdict === 'only_in_force').sort((a, b) => a.from - b.from);

/** What came out, in a sentence. */
export function outcomeWords(replay: Replay): string {
  const count = (n: number) => (n === 0 ? 'no alert' : n === 1 ? 'one alert' : `${n.toLocaleString('en')} alerts`);
  const would = capital(`${count(replay.would.begun)} would have begun`);
  if (!replay.in_force || !replay.difference) return would;
  const { only_would, only_in_force } = replay.difference;
  if (only_would.length + only_in_force.length === 0) return `${would}, the same as with the rule in force`;
  return `${would}, ${count(replay.in_force.begun)} with the rule in force; ${only_would.length} only by this draft, ${only_in_force.length} only by the rule in force`;
}

const capital = (words: string) => words[0]!.toUpperCase() + words.slice(1);
