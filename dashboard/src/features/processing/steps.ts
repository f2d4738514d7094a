import type { Document } from '@/features/rules/document';

interface StepField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'metric' | 'number' | 'text' | 'expression' | 'choice';
  readonly hint?: string;
  readonly purpose?: 'processing' | 'decoder';
  readonly optional?: boolean;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

export interface StepKind {
  readonly type: string;
  readonly label: string;
  readonly about: string;
  readonly fields: readonly StepField[];
  readonly fresh: Document;
}

const METRIC: StepField = { name: 'metric', label: 'Metric', kind: 'metric' };
const number = (name: string, label: string, hint?: string): StepField => ({ name, label, kind: 'number', hint });
const expression = (purpose: 'processing' | 'decoder', label: string, name = 'expression'): StepField => ({
  name,
  label,
  kind: 'expression',
  purpose,
  optional: name !== 'expression',
});

/** What can be done with measurements before they are stored, as docs/reference/processing-rules.md has it. */
export const STEP_KINDS: readonly StepKind[] = [
  {
    type: 'calibrate',
    label: 'Calibrate',
    about: 'Value × multiplier + offset.',
    fields: [METRIC, number('multiplier', 'Multiplier', '1, if empty.'), number('offset', 'Offset', '0, if empty.')],
    fresh: { type: 'calibrate', metric: '', offset: 0 },
  },
  {
    type: 'convert',
    label: 'Convert the unit',
    about: 'The same in another unit.',
    fields: [
      METRIC,
      { name: 'from', label: 'From', kind: 'text', hint: 'Such as °F, psi or mph.' },
      { name: 'to', label: 'To', kind: 'text', hint: 'Such as °C, bar or km/h.' },
    ],
    fresh: { type: 'convert', metric: '', from: '°F', to: '°C' },
  },
  {
    type: 'derive',
    label: 'Derive a metric',
    about: 'One more metric, made of others of the same message.',
    fields: [METRIC, expression('processing', 'Is')],
    fresh: { type: 'derive', metric: '', expression: '' },
  },
  {
    type: 'range',
    label: 'Judge the quality',
    about: 'Values beyond the outer bounds are invalid, those beyond the inner ones suspect.',
    fields: [
      METRIC,
      number('min', 'Invalid below'),
      number('max', 'Invalid above'),
      number('suspect_min', 'Suspect below'),
      number('suspect_max', 'Suspect above'),
      {
        name: 'on_invalid',
        label: 'Invalid values are',
        kind: 'choice',
        choices: [
          { value: 'keep', label: 'Kept' },
          { value: 'drop', label: 'Not stored' },
        ],
      },
    ],
    fresh: { type: 'range', metric: '', min: 0, max: 100 },
  },
  {
    type: 'drop',
    label: 'Drop',
    about: 'Is not stored; only when an expression is true, if there is one.',
    fields: [{ ...METRIC, hint: 'The whole message, if empty.' }, expression('processing', 'Only when', 'when')],
    fresh: { type: 'drop', metric: '' },
  },
  {
    type: 'rename',
    label: 'Rename',
    about: 'Is stored under another name.',
    fields: [METRIC, { name: 'to', label: 'To', kind: 'text' }],
    fresh: { type: 'rename', metric: '', to: '' },
  },
  {
    type: 'decode',
    label: 'Decode a payload',
    about: 'Makes metrics of a payload that is no JSON.',
    fields: [expression('decoder', 'Returns an object of metrics')],
    fresh: { type: 'decode', expression: 'return {temperature: int16(bytes, 0) / 100};' },
  },
];

/** What a rule does, in words. */
export function stepsWords(steps: readonly unknown[]): string {
  const labels = steps.map((step) => {
    const { type, metric } = (step ?? {}) as { type?: string; metric?: string };
    return [type, metric].filter(Boolean).join(' ');
  });
  return labels.length <= 4 ? labels.join(', ') : `${labels.slice(0, 4).join(', ')} and ${labels.length - 4} more`;
}

/** The payload of a trial as the platform takes it: JSON messages, bytes in hex, or any other text. */
export function payloadOf(text: string): { messages: unknown[] } | { payload_hex: string } | { payload: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { messages: Array.isArray(value) ? value : [value] };
  } catch {
    // It is no JSON.
  }
  const hex = text.replace(/\s+/g, '');
  return /^([0-9a-f]{2})+$/i.test(hex) ? { payload_hex: hex } : { payload: text };
}
