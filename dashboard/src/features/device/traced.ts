import type { Schemas } from '@/api/client';
import { conditionWords } from '@/features/rules/words';
import { formatCount, formatDuration, formatLocal, formatValue } from '@/ui/format';

export type Entry = Schemas['TraceEntry'];
type Value = Schemas['TracedValue'];
type Step = NonNullable<Entry['steps']>[number];
type AskedRule = Omit<NonNullable<Entry['rules']>[number], 'findings' | 'why'> & {
  readonly findings?: readonly object[];
  readonly why?: object;
};

/** A message with what rules said of it; one of the two is absent where only the other was seen. */
export interface Passage {
  readonly number: number;
  readonly at: string | null;
  readonly message: Entry | null;
  readonly rules: readonly AskedRule[];
  readonly rulesLeftOut: number;
  readonly entries: readonly Entry[];
}

/** Entries that belong together, the newest first. Rules speak after their message, so it has come before. */
export function passagesOf(entries: readonly Entry[]): readonly Passage[] {
  const passages: Passage[] = [];
  const waiting = new Map<string, number>();
  for (const entry of entries) {
    const at = entry.received_at;
    const isOfRules = entry.kind === 'rules';
    const index = isOfRules && at !== null ? waiting.get(at) : undefined;
    const rules = isOfRules ? (entry.rules ?? []) : [];
    const rulesLeftOut = isOfRules ? leftOut(entry, 'rules') : 0;
    if (index !== undefined) {
      waiting.delete(at!);
      const before = passages[index]!;
      passages[index] = { ...before, rules, rulesLeftOut, entries: [...before.entries, entry] };
      continue;
    }
    if (!isOfRules && at !== null) waiting.set(at, passages.length);
    passages.push({
      number: entry.number,
      at: at ?? foundAt(rules),
      message: isOfRules ? null : entry,
      rules,
      rulesLeftOut,
      entries: [entry],
    });
  }
  return passages.reverse();
}

/** When rules found something by themselves. */
function foundAt(rules: readonly AskedRule[]): string | null {
  const [finding] = rules.flatMap(({ findings }) => findings ?? []);
  const { timestamp } = (finding ?? {}) as { readonly timestamp?: unknown };
  return typeof timestamp === 'string' ? timestamp : null;
}

/** How many elements of a list were left out because it was too long. */
export function leftOut(entry: Entry, list: string): number {
  const count = (entry as Readonly<Record<string, unknown>>)[`${list}_left_out`];
  return typeof count === 'number' ? count : 0;
}

export interface Reading {
  readonly metric: string;
  readonly value: string;
  readonly quality?: Value['quality'];
}

/** Values measured at one time. */
export interface Readings {
  readonly at: string;
  readonly values: readonly Reading[];
}

const shown = ({ is_hidden, value }: Value) => (is_hidden ? 'hidden' : formatValue(value));

/** Values by the time at which they were measured, in the order in which they came. */
export function readingsOf(values: readonly Value[]): readonly Readings[] {
  const times = new Map<string, Reading[]>();
  for (const value of values) {
    const its = times.get(value.timestamp) ?? [];
    its.push({ metric: value.metric, value: shown(value), quality: value.quality });
    times.set(value.timestamp, its);
  }
  return [...times].map(([at, its]) => ({ at, values: its }));
}

/** What one step did to one metric. */
export interface Change {
  readonly metric: string;
  /** Null where the metric was not there before. */
  readonly before: string | null;
  /** Null where it is not there any more. */
  readonly after: string | null;
  readonly quality?: Value['quality'];
}

/** One step of a processing rule. */
export interface Stage {
  /** Counted from 1, as people do. */
  readonly step: number;
  readonly type: string;
  readonly changes: readonly Change[];
}

/** What a processing rule did to the values of one time. */
export interface Course {
  readonly rule: number;
  readonly at: string;
  readonly stages: readonly Stage[];
}

/** The steps of the processing rules in their order, each with what it found and what it left. */
export function coursesOf(decoded: readonly Value[], steps: readonly Step[]): readonly Course[] {
  const known = new Map(decoded.map((value) => [keyOf(value.timestamp, value.metric), shown(value)]));
  const courses: { rule: number; at: string; stages: Stage[] }[] = [];
  for (const { rule_id, step, type, timestamp, changed, removed } of steps) {
    const before = (metric: string) => known.get(keyOf(timestamp, metric)) ?? null;
    const changes: Change[] = [
      ...changed.map((value) => ({
        metric: value.metric,
        before: before(value.metric),
        after: shown(value),
        quality: value.quality,
      })),
      ...removed.map((metric) => ({ metric, before: before(metric), after: null })),
    ];
    for (const value of changed) known.set(keyOf(timestamp, value.metric), shown(value));
    for (const metric of removed) known.delete(keyOf(timestamp, metric));
    const last = courses[courses.length - 1];
    const stage = { step: step + 1, type, changes };
    if (last && last.rule === rule_id && last.at === timestamp) last.stages.push(stage);
    else courses.push({ rule: rule_id, at: timestamp, stages: [stage] });
  }
  return courses;
}

const keyOf = (timestamp: string, metric: string) => `${timestamp} ${metric}`;

/** What a rule said, in words, and what it looked at. */
export interface Verdict {
  readonly rule: number;
  readonly name: string;
  readonly tone: 'asked' | 'holds' | 'began' | 'idle';
  readonly words: string;
  readonly waitsFor: string | null;
  readonly saw: readonly string[];
}

const EVENTS: Readonly<Record<string, string>> = {
  begun: 'an alert begins',
  occurred: 'the open alert has occurred again',
  ended: 'the alert is over',
};

export function verdictOf(rule: AskedRule): Verdict {
  const findings = (rule.findings ?? []).map((finding) => String((finding as { event?: unknown }).event));
  const why = rule.why as Readonly<Record<string, unknown>> | undefined;
  return {
    rule: rule.rule_id,
    name: rule.name,
    tone: toneOf(rule, findings),
    words: verdictWords(rule, findings),
    waitsFor: why?.condition === undefined ? null : conditionWords(conditionIn(why.condition)),
    saw: why ? sawOf(why) : [],
  };
}

function toneOf(rule: AskedRule, findings: readonly string[]): Verdict['tone'] {
  if (!rule.asked && findings.length === 0) return 'idle';
  if (findings.includes('begun')) return 'began';
  return rule.holds ? 'holds' : 'asked';
}

function verdictWords(rule: AskedRule, findings: readonly string[]): string {
  const shadow = rule.mode === 'shadow' ? ', in shadow mode' : '';
  if (!rule.asked && findings.length === 0) return rule.holds ? 'still holds' : 'does not hold';
  const events = findings.map((event) => EVENTS[event] ?? event).join(', ');
  if (rule.holds) {
    const held = rule.held && !findings.includes('begun') ? 'still holds' : 'holds now';
    return `${held}${events ? `: ${events}` : ''}${shadow}`;
  }
  if (rule.pending_since) return `is true, and has to stay so: since ${formatLocal(Date.parse(rule.pending_since))}`;
  return `${rule.held ? 'holds no longer' : 'does not hold'}${events ? `: ${events}` : ''}${shadow}`;
}

/** What was explained, as the condition that stands in the rule; in words where not all of it was explained. */
function conditionIn(explained: unknown): unknown {
  if (Array.isArray(explained)) return explained.map(conditionIn);
  const it = record(explained);
  if (explained !== it) return explained;
  if (it.type === 'rate') return `${String(it.metric)} changes too fast`;
  if (it.type === 'statistical') return `${String(it.metric)} is ${formatValue(it.sigma)} σ from what is usual`;
  const type = it.type === 'burst' ? BURSTS[String(it.of)] : it.type;
  const fields = Object.entries(it).map(([name, value]) =>
    name.endsWith('_seconds') && typeof value === 'number'
      ? [name.slice(0, -'_seconds'.length), formatDuration(value * 1000)]
      : [name, conditionIn(value)],
  );
  return { ...Object.fromEntries(fields), type };
}

const BURSTS: Readonly<Record<string, string>> = {
  message: 'message_flood',
  credential_refused: 'credential_failures',
};

/** The values and windows that a rule read. */
function sawOf(why: Readonly<Record<string, unknown>>): readonly string[] {
  const condition = record(why.condition);
  const measured = typeof condition.metric === 'string' ? { [condition.metric]: condition } : {};
  const values = Object.entries({ ...measured, ...record(why.values) })
    .map(([metric, read]) => [metric, record(read).value] as const)
    // What was never measured says nothing beside what was.
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([metric, value]) => `${metric} = ${formatValue(value)}`);
  const windows = (Array.isArray(why.windows) ? why.windows : []).map((window) => {
    const { metric, window: length, avg, count } = record(window);
    return `${String(metric)} over ${String(length)}: ${formatValue(avg)} on average of ${formatValue(count)}`;
  });
  return [...values, ...windows];
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** What a message is called by. */
export const headOf = ({ message }: Passage): string =>
  message ? [message.via?.toUpperCase(), message.topic].filter(Boolean).join(' · ') : 'Time has passed';

/** What came, as far as it may be shown. */
export function payloadWords({ payload }: Entry): string {
  if (!payload) return '';
  const size = `${formatCount(payload.bytes)} ${payload.bytes === 1 ? 'byte' : 'bytes'}`;
  if (payload.is_hidden) return `${size}, hidden because something in it is sensitive`;
  const text = payload.text ?? payload.hex ?? '';
  return `${text}${payload.is_cut ? '…' : ''} (${size})`;
}
