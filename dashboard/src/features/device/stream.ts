import { useCallback, useEffect, useRef, useState } from 'react';
import type { Sample } from '@/charts/series';
import type { FeedEvent } from '@/live/feed';
import { useFeed } from '@/live/FeedContext';
import type { LatestValues } from './telemetry';

/** How often what has arrived is drawn, in milliseconds; a device may send faster than anybody reads. */
const BREATH = 250;
/** The most live values that a chart is given at once; a burst beyond it is left to the next reading of the history. */
const MOST_BUFFERED = 5_000;

type Receiver = (samples: readonly (Sample & { readonly raw: unknown })[]) => void;

export interface DeviceStream {
  /** Newer values than those that were read, by metric. */
  readonly fresh: LatestValues;
  /** Gives a metric's live values until the answer is called. */
  readonly receive: (metric: string, receiver: Receiver) => () => void;
}

/** What a telemetry event says was measured. */
export function valuesOf(event: FeedEvent): Record<string, unknown> {
  const values = event.data;
  return typeof values === 'object' && values !== null && !Array.isArray(values)
    ? (values as Record<string, unknown>)
    : {};
}

/** One device's live values, handed on in breaths. */
export function useDeviceStream(
  device: number | undefined,
  onDevice: (event: FeedEvent) => void,
  onResumed: () => void,
): DeviceStream {
  const [fresh, setFresh] = useState<LatestValues>({});
  const waiting = useRef(new Map<string, (Sample & { raw: unknown })[]>());
  const receivers = useRef(new Map<string, Set<Receiver>>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const breathe = useCallback(() => {
    timer.current = undefined;
    const arrived = waiting.current;
    waiting.current = new Map();
    setFresh((before) => newest(before, arrived));
    for (const [metric, samples] of arrived)
      for (const receiver of receivers.current.get(metric) ?? []) receiver(samples);
  }, []);

  useEffect(() => () => clearTimeout(timer.current), []);

  useFeed(device === undefined ? null : { types: ['telemetry', 'device', 'command'], devices: [device] }, {
    event: (event) => {
      if (event.type !== 'telemetry') return onDevice(event);
      const at = Date.parse(event.timestamp);
      for (const [metric, raw] of Object.entries(valuesOf(event))) {
        const list = waiting.current.get(metric) ?? [];
        if (list.length < MOST_BUFFERED) list.push({ at, value: typeof raw === 'number' ? raw : NaN, raw });
        waiting.current.set(metric, list);
      }
      timer.current ??= setTimeout(breathe, BREATH);
    },
    resumed: onResumed,
  });

  const receive = useCallback((metric: string, receiver: Receiver) => {
    const mine = receivers.current.get(metric) ?? new Set();
    receivers.current.set(metric, mine.add(receiver));
    return () => {
      mine.delete(receiver);
    };
  }, []);

  return { fresh, receive };
}

/** The latest by time of measurement, as the platform keeps it: late data does not become the newest. */
function newest(
  before: LatestValues,
  arrived: ReadonlyMap<string, readonly (Sample & { raw: unknown })[]>,
): LatestValues {
  const after = { ...before };
  for (const [metric, samples] of arrived) {
    for (const { at, raw } of samples) {
      const known = after[metric];
      if (!known || known.at === null || at >= known.at) after[metric] = { value: raw, at };
    }
  }
  return after;
}

/** What was read and what came since, joined. */
export function joinLatest(read: LatestValues, fresh: LatestValues): LatestValues {
  const joined = { ...read };
  for (const [metric, value] of Object.entries(fresh)) {
    const known = joined[metric];
    if (!known || (value.at ?? 0) >= (known.at ?? 0))
      joined[metric] = known?.unit ? { ...value, unit: known.unit } : value;
  }
  return joined;
}
