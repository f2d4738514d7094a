/**
 * One metric over time as parallel columns: the start of each window in seconds, and its average, lowest and highest
 * value. Columns, because that is what the chart draws from; they are never changed in place.
 */
export interface Series {
  readonly times: readonly number[];
  readonly avg: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

export const EMPTY: Series = { times: [], avg: [], min: [], max: [] };

export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

/**
 * The series with live samples added, each in the window where it belongs, and without what is older than `from`.
 * `counts` remembers how many live samples each window has had, so that its average stays one; it belongs to the
 * caller.
 */
export function extended(
  series: Series,
  samples: readonly Sample[],
  windowMillis: number,
  from: number,
  counts: Map<number, number>,
): Series {
  const oldest = Math.floor(from / windowMillis) * windowMillis;
  const first = series.times.findIndex((time) => time * 1000 >= oldest);
  const start = first < 0 ? series.times.length : first;
  const next = {
    times: series.times.slice(start),
    avg: series.avg.slice(start),
    min: series.min.slice(start),
    max: series.max.slice(start),
  };
  for (const sample of samples) {
    if (sample.at < oldest || !Number.isFinite(sample.value)) continue;
    const time = (Math.floor(sample.at / windowMillis) * windowMillis) / 1000;
    const at = place(next.times, time);
    const count = counts.get(time) ?? 1;
    if (next.times[at] === time) {
      next.avg[at] = (next.avg[at]! * count + sample.value) / (count + 1);
      next.min[at] = Math.min(next.min[at]!, sample.value);
      next.max[at] = Math.max(next.max[at]!, sample.value);
      counts.set(time, count + 1);
    } else {
      next.times.splice(at, 0, time);
      next.avg.splice(at, 0, sample.value);
      next.min.splice(at, 0, sample.value);
      next.max.splice(at, 0, sample.value);
      counts.set(time, 1);
    }
  }
  for (const time of counts.keys()) if (time * 1000 < oldest) counts.delete(time);
  return next;
}

/** Where a time stands or would stand; nearly always the end, so it is looked for from there. */
function place(times: readonly number[], time: number): number {
  let at = times.length;
  while (at > 0 && times[at - 1]! >= time) at--;
  return at;
}

/**
 * The same picture from fewer points: of each of so many equal slices of time one point is left, with the lowest, the
 * highest and the mean of the averages. No spike is lost: it stays in the band.
 */
export function decimated(series: Series, mostPoints: number): Series {
  const { times, avg, min, max } = series;
  if (times.length <= mostPoints) return series;
  const begin = times[0]!;
  const width = (times[times.length - 1]! - begin) / mostPoints || 1;
  const out = { times: [] as number[], avg: [] as number[], min: [] as number[], max: [] as number[] };
  let slice = -1;
  let sum = 0;
  let count = 0;
  let low = 0;
  let high = 0;
  let time = 0;
  const finish = () => {
    if (count === 0) return;
    out.times.push(time);
    out.avg.push(sum / count);
    out.min.push(low);
    out.max.push(high);
  };
  for (let i = 0; i < times.length; i++) {
    const its = Math.min(mostPoints - 1, Math.floor((times[i]! - begin) / width));
    if (its !== slice) {
      finish();
      slice = its;
      sum = count = 0;
      time = times[i]!;
      low = min[i]!;
      high = max[i]!;
    }
    sum += avg[i]!;
    count++;
    if (min[i]! < low) low = min[i]!;
    if (max[i]! > high) high = max[i]!;
  }
  finish();
  return out;
}

/**
 * The columns for drawing, with a hole where the device was silent: longer than a few windows and than a few of its own
 * usual intervals. Without it a straight line would claim values that nobody measured.
 */
export function withGaps(series: Series, windowMillis: number): (number | null)[][] {
  const { times } = series;
  const limit = Math.max(3 * (windowMillis / 1000), 4 * usualStep(times));
  const columns: (number | null)[][] = [[], [], [], []];
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && times[i]! - times[i - 1]! > limit) {
      columns[0]!.push((times[i]! + times[i - 1]!) / 2);
      for (const column of columns.slice(1)) column.push(null);
    }
    columns[0]!.push(times[i]!);
    columns[1]!.push(series.avg[i]!);
    columns[2]!.push(series.min[i]!);
    columns[3]!.push(series.max[i]!);
  }
  return columns;
}

function usualStep(times: readonly number[]): number {
  const steps: number[] = [];
  for (let i = 1; i < times.length; i++) steps.push(times[i]! - times[i - 1]!);
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}
