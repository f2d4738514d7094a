/** A time during which a metric kept one value. */
export interface Segment {
  readonly state: string;
  readonly from: number;
  readonly to: number;
}

/** A value that is no number, at its time in epoch milliseconds. */
export interface StateSample {
  readonly at: number;
  readonly state: string;
}

/** The most segments drawn; a state that changes oftener is shown as a table of its newest values. */
export const MOST_SEGMENTS = 400;

/** The segments of samples in order of time; each value holds until the next one, the last until `until`. */
export function segments(samples: readonly StateSample[], until: number): Segment[] {
  const found: { state: string; from: number; to: number }[] = [];
  for (const sample of samples) {
    const last = found[found.length - 1];
    if (last && last.state === sample.state) continue;
    if (last) last.to = sample.at;
    found.push({ state: sample.state, from: sample.at, to: sample.at });
  }
  const last = found[found.length - 1];
  if (last) last.to = Math.max(until, last.from);
  return found;
}

/** The states that occur, the longest lasting first, each with its part of the time between 0 and 1. */
export function shares(all: readonly Segment[]): { state: string; share: number }[] {
  const lengths = new Map<string, number>();
  let total = 0;
  for (const { state, from, to } of all) {
    lengths.set(state, (lengths.get(state) ?? 0) + to - from);
    total += to - from;
  }
  return [...lengths]
    .map(([state, length]) => ({ state, share: total > 0 ? length / total : 1 / lengths.size }))
    .sort((a, b) => b.share - a.share);
}
