import { useEffect, useState } from 'react';

/** Counters that only grow, at a time in milliseconds. */
export interface Reading<Name extends string> {
  readonly at: number;
  readonly counters: Readonly<Record<Name, number>>;
}

export interface Rate<Name extends string> {
  readonly at: number;
  readonly perSecond: Readonly<Record<Name, number>>;
}

/** What the counters grew by a second; `null` when a restart of the platform set them back. */
export function rateBetween<Name extends string>(before: Reading<Name>, after: Reading<Name>): Rate<Name> | null {
  const seconds = (after.at - before.at) / 1000;
  if (seconds <= 0) return null;
  const perSecond = {} as Record<Name, number>;
  for (const name of Object.keys(after.counters) as Name[]) {
    const growth = after.counters[name] - (before.counters[name] ?? 0);
    if (growth < 0) return null;
    perSecond[name] = growth / seconds;
  }
  return { at: after.at, perSecond };
}

/** The rates between the readings since the page was opened, the newest last, so many at most. */
export function useRates<Name extends string>(reading: Reading<Name> | undefined, most: number): readonly Rate<Name>[] {
  const [state, setState] = useState<{ last: Reading<Name> | null; rates: readonly Rate<Name>[] }>({
    last: null,
    rates: [],
  });
  const at = reading?.at;
  useEffect(() => {
    if (!reading) return;
    setState(({ last, rates }) => {
      if (last && reading.at <= last.at) return { last, rates };
      const rate = last && rateBetween(last, reading);
      return { last: reading, rates: rate ? [...rates, rate].slice(-most) : rates };
    });
  }, [at, most]);
  return state.rates;
}
