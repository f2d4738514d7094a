import type { DeviceType, DeviceTypeWish, TypeMetric } from './api';

/** A metric while somebody fills it in: what is empty is not said. */
export interface MetricDraft {
  readonly name: string;
  readonly unit: string;
  readonly type: NonNullable<TypeMetric['type']>;
  readonly min: number | string;
  readonly max: number | string;
  readonly sensitive: boolean;
  /** What the form does not show and sends back as it was. */
  readonly rest: Pick<TypeMetric, 'suspect_min' | 'suspect_max' | 'description'>;
}

export interface TypeDraft {
  readonly name: string;
  readonly description: string;
  readonly icon: string;
  readonly capabilities: readonly string[];
  readonly metrics: readonly MetricDraft[];
  readonly decoder: string;
  readonly configuration: string;
}

export const FRESH_METRIC: MetricDraft = {
  name: '',
  unit: '',
  type: 'number',
  min: '',
  max: '',
  sensitive: false,
  rest: {},
};

export const FRESH: TypeDraft = {
  name: '',
  description: '',
  icon: '',
  capabilities: [],
  metrics: [FRESH_METRIC],
  decoder: '',
  configuration: '{}',
};

export const draftOf = (type: DeviceType): TypeDraft => ({
  name: type.name,
  description: type.description,
  icon: type.icon,
  capabilities: type.capabilities,
  metrics: type.metrics.map(({ name, unit, type: kind, min, max, sensitive, ...rest }) => ({
    name,
    unit: unit ?? '',
    type: kind ?? 'number',
    min: min ?? '',
    max: max ?? '',
    sensitive: sensitive ?? false,
    rest,
  })),
  decoder: type.decoder?.expression ?? '',
  configuration: JSON.stringify(type.default_configuration, null, 2),
});

/** The text as an object, or why it is none. */
export function configurationOf(text: string): Record<string, unknown> | string {
  try {
    const read: unknown = JSON.parse(text.trim() || '{}');
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown>;
    return 'must be a JSON object';
  } catch (failure) {
    return (failure as Error).message;
  }
}

/** What is sent; metrics without a name are left out. */
export function wishOf(draft: TypeDraft, kept: DeviceType | undefined): DeviceTypeWish {
  const configuration = configurationOf(draft.configuration);
  return {
    name: draft.name.trim(),
    description: draft.description,
    icon: draft.icon.trim(),
    capabilities: [...draft.capabilities],
    metrics: draft.metrics.filter(({ name }) => name.trim() !== '').map(metricOf),
    default_configuration: typeof configuration === 'string' ? {} : configuration,
    ...(draft.decoder.trim() === ''
      ? {}
      : { decoder: { expression: draft.decoder, keep_raw: kept?.decoder?.keep_raw ?? true } }),
  };
}

function metricOf({ name, unit, type, min, max, sensitive, rest }: MetricDraft): TypeMetric {
  return {
    ...(type === 'number' ? rest : rest.description ? { description: rest.description } : {}),
    name: name.trim(),
    type,
    sensitive,
    ...(unit.trim() === '' ? {} : { unit: unit.trim() }),
    ...(type === 'number' && typeof min === 'number' ? { min } : {}),
    ...(type === 'number' && typeof max === 'number' ? { max } : {}),
  };
}
