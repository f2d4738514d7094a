import { type Document, isObject } from './document';

/** One thing that a condition is set by. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind:
    | 'metric'
    | 'number'
    | 'duration'
    | 'text'
    | 'flag'
    | 'choice'
    | 'days'
    | 'json'
    | 'area'
    | 'condition'
    | 'conditions';
  readonly hint?: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly optional?: boolean;
}

export interface Kind {
  readonly type: string;
  readonly label: string;
  /** What it waits for, in a sentence. */
  readonly about: string;
  readonly fields: readonly Field[];
  /** How one begins. */
  readonly fresh: Document;
}

const METRIC: Field = { name: 'metric', label: 'Metric', kind: 'metric' };
const number = (name: string, label: string, optional = false, hint?: string): Field => ({
  name,
  label,
  kind: 'number',
  optional,
  hint,
});
const duration = (name: string, label: string, optional = false, hint?: string): Field => ({
  name,
  label,
  kind: 'duration',
  optional,
  hint,
});

/** Where the position stands, if not where it usually does. */
const POSITION: readonly Field[] = [
  {
    name: 'latitude_metric',
    label: 'Metric of the latitude',
    kind: 'metric',
    optional: true,
    hint: 'latitude, if empty.',
  },
  {
    name: 'longitude_metric',
    label: 'Metric of the longitude',
    kind: 'metric',
    optional: true,
    hint: 'longitude, if empty.',
  },
];

/** How another condition begins within one. */
export const SIMPLEST: Document = { type: 'threshold_high', metric: '', threshold: 0 };

/** The conditions that the platform knows and the form can show. Others are edited as JSON. */
export const KINDS: readonly Kind[] = [
  {
    type: 'threshold_high',
    label: 'Above a threshold',
    about: 'A metric is above a value.',
    fields: [METRIC, number('threshold', 'Above'), number('clear', 'Ends below', true, 'The threshold, if empty.')],
    fresh: SIMPLEST,
  },
  {
    type: 'threshold_low',
    label: 'Below a threshold',
    about: 'A metric is below a value.',
    fields: [METRIC, number('threshold', 'Below'), number('clear', 'Ends above', true, 'The threshold, if empty.')],
    fresh: { ...SIMPLEST, type: 'threshold_low' },
  },
  {
    type: 'expression',
    label: 'Expression',
    about: 'An expression of the rules language is true.',
    fields: [],
    fresh: { type: 'expression', expression: '' },
  },
  {
    type: 'absence',
    label: 'Silence',
    about: 'Nothing has been measured for a while.',
    fields: [{ ...METRIC, optional: true, hint: 'Any, if empty.' }, duration('for', 'For')],
    fresh: { type: 'absence', for: '10m' },
  },
  {
    type: 'rate',
    label: 'Rate of change',
    about: 'A metric rises or falls too fast.',
    fields: [
      METRIC,
      number('above', 'Above', true),
      number('below', 'Below', true),
      duration('per', 'Per'),
      duration('over', 'Measured over', true, 'The last two values, if empty.'),
    ],
    fresh: { type: 'rate', metric: '', above: 1, per: '1m' },
  },
  {
    type: 'statistical',
    label: 'Unusual value',
    about: 'A metric is far from its mean, in standard deviations.',
    fields: [
      METRIC,
      number('sigma', 'Standard deviations', true, '3, if empty.'),
      duration('window', 'Compared to the last', true, '1d, if empty.'),
      {
        name: 'direction',
        label: 'Direction',
        kind: 'choice',
        optional: true,
        choices: [
          { value: 'both', label: 'Above or below' },
          { value: 'high', label: 'Above' },
          { value: 'low', label: 'Below' },
        ],
      },
      number('minimum', 'Values needed first', true, '30, if empty.'),
    ],
    fresh: { type: 'statistical', metric: '', sigma: 3, window: '1d' },
  },
  {
    type: 'time_window',
    label: 'Time of day',
    about: 'It is between two times of some days.',
    fields: [
      { name: 'days', label: 'Days', kind: 'days', optional: true },
      { name: 'from', label: 'From', kind: 'text', hint: 'Such as 22:00.' },
      { name: 'to', label: 'To', kind: 'text', hint: 'May be on the next day.' },
      { name: 'zone', label: 'Zone', kind: 'text', optional: true, hint: 'Such as Europe/Berlin; UTC, if empty.' },
    ],
    fresh: { type: 'time_window', from: '22:00', to: '06:00', zone: 'UTC' },
  },
  {
    type: 'geofence',
    label: 'Geofence',
    about: 'The device is inside or outside of an area.',
    fields: [
      { name: 'geofence', label: 'Area', kind: 'area' },
      {
        name: 'event',
        label: 'When it is',
        kind: 'choice',
        optional: true,
        choices: [
          { value: 'enter', label: 'Inside' },
          { value: 'leave', label: 'Outside' },
        ],
      },
      ...POSITION,
    ],
    fresh: { type: 'geofence', event: 'enter', geofence: '' },
  },
  {
    type: 'metadata_check',
    label: 'Metadata',
    about: "The device's metadata has this in it.",
    fields: [{ name: 'contains', label: 'Has', kind: 'json' }],
    fresh: { type: 'metadata_check', contains: { site: 'A' } },
  },
  {
    type: 'movement',
    label: 'Impossible movement',
    about: 'From one position to the next the device was faster than it can be.',
    fields: [
      number('above_kmh', 'Faster than, in km/h'),
      number('least_m', 'Less is no movement, in metres', true, '100, if empty.'),
      ...POSITION,
    ],
    fresh: { type: 'movement', above_kmh: 300 },
  },
  {
    type: 'clock_skew',
    label: 'Clock skew',
    about: 'What the device measures has a time far from that at which it is received.',
    fields: [
      duration('beyond', 'By more than'),
      {
        name: 'direction',
        label: 'Its clock is',
        kind: 'choice',
        optional: true,
        choices: [
          { value: 'both', label: 'Ahead or behind' },
          { value: 'ahead', label: 'Ahead' },
          { value: 'behind', label: 'Behind' },
        ],
      },
    ],
    fresh: { type: 'clock_skew', beyond: '5m' },
  },
  {
    type: 'credential_failures',
    label: 'Credential failures',
    about: 'Somebody has said to be the device and did not prove it, so often.',
    fields: [number('at_least', 'At least'), duration('within', 'Within')],
    fresh: { type: 'credential_failures', at_least: 5, within: '5m' },
  },
  {
    type: 'message_flood',
    label: 'Message flood',
    about: 'So many messages were received, whatever is in them.',
    fields: [number('at_least', 'At least'), duration('within', 'Within')],
    fresh: { type: 'message_flood', at_least: 600, within: '1m' },
  },
  {
    type: 'sequence',
    label: 'Sequence',
    about: 'One thing follows another in time, or does not.',
    fields: [
      { name: 'first', label: 'First', kind: 'condition' },
      { name: 'then', label: 'Then', kind: 'condition' },
      duration('within', 'Within'),
      { name: 'absent', label: 'When the second does not follow', kind: 'flag', optional: true },
    ],
    fresh: { type: 'sequence', first: SIMPLEST, then: SIMPLEST, within: '5m' },
  },
  {
    type: 'count',
    label: 'Count',
    about: 'Something happens too often.',
    fields: [
      { name: 'of', label: 'Counted is', kind: 'condition' },
      number('at_least', 'At least'),
      duration('within', 'Within'),
    ],
    fresh: { type: 'count', of: SIMPLEST, at_least: 3, within: '10m' },
  },
  {
    type: 'all',
    label: 'All of',
    about: 'Several conditions hold at once.',
    fields: [{ name: 'of', label: 'Conditions', kind: 'conditions' }],
    fresh: { type: 'all', of: [SIMPLEST, SIMPLEST] },
  },
  {
    type: 'any',
    label: 'Any of',
    about: 'At least one of several conditions holds.',
    fields: [{ name: 'of', label: 'Conditions', kind: 'conditions' }],
    fresh: { type: 'any', of: [SIMPLEST, SIMPLEST] },
  },
  {
    type: 'not',
    label: 'Not',
    about: 'A condition does not hold.',
    fields: [{ name: 'of', label: 'Condition', kind: 'condition' }],
    fresh: { type: 'not', of: SIMPLEST },
  },
];

/** The kind of a condition; a text is an expression. Undefined for one that the form does not know. */
export function kindOf(condition: unknown): Kind | undefined {
  const type = typeof condition === 'string' ? 'expression' : isObject(condition) ? condition.type : undefined;
  return KINDS.find((kind) => kind.type === type);
}

/** The condition as one of another kind; what both have in common stays. */
export function turnedInto(condition: unknown, kind: Kind): Document {
  const before = typeof condition === 'string' ? { expression: condition } : isObject(condition) ? condition : {};
  const known = new Set([...Object.keys(kind.fresh), ...kind.fields.map((field) => field.name)]);
  const kept = Object.entries(before).filter(
    ([name, value]) => (known.has(name) || name === 'hold') && name !== 'type' && fits(value, kind.fresh[name]),
  );
  return { ...kind.fresh, ...Object.fromEntries(kept) };
}

const fits = (value: unknown, model: unknown) =>
  model === undefined || (Array.isArray(value) === Array.isArray(model) && typeof value === typeof model);

/** The first metric that a condition names, for which a chart can be shown. */
export function metricsOf(condition: unknown, known: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (node: unknown) => {
    if (typeof node === 'string') {
      for (const [word] of node.matchAll(/[A-Za-z_$][\w$]*/g)) if (known.includes(word)) found.add(word);
    } else if (Array.isArray(node)) {
      node.forEach(visit);
    } else if (isObject(node)) {
      for (const [name, value] of Object.entries(node)) {
        if (name === 'metric' || name.endsWith('_metric')) {
          if (typeof value === 'string' && value) found.add(value);
        } else if (name !== 'type') {
          visit(value);
        }
      }
    }
  };
  visit(condition);
  return [...found];
}
