import {
  Autocomplete,
  Chip,
  Group,
  Input,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDraft, useField } from './draft';
import { isObject } from './document';
import { useVocabulary } from './language';
import { useState } from 'react';
import { pretty } from './document';

export interface FieldProps {
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
}

/** What was refused, as Mantine shows it. */
const errorOf = (errors: readonly string[]) => (errors.length > 0 ? errors.join(' ') : undefined);

const frame = ({ label, hint, placeholder }: FieldProps, field: ReturnType<typeof useField>) => ({
  label,
  description: hint,
  placeholder,
  error: errorOf(field.errors),
  readOnly: field.readOnly,
  inputWrapperOrder: ['label' as const, 'input' as const, 'description' as const, 'error' as const],
});

interface TextProps extends FieldProps {
  readonly lines?: boolean;
  /** What is wrong with it, as far as that is known before it is saved. */
  readonly wrong?: string;
}

export function TextField(props: TextProps) {
  const field = useField(props.path);
  const { error, ...rest } = frame(props, field);
  const shared = {
    ...rest,
    error: error ?? props.wrong,
    value: typeof field.value === 'string' ? field.value : '',
    onChange: (event: { currentTarget: { value: string } }) => field.set(event.currentTarget.value || undefined),
    autoComplete: 'off',
  };
  return props.lines ? <Textarea {...shared} autosize minRows={2} maxRows={8} /> : <TextInput {...shared} />;
}

/** A length of time as the platform writes it: 30s, 5m, 2h, 1d. */
export const DurationField = (props: FieldProps) => <TextField placeholder="5m" {...props} />;

export function NumberField(props: FieldProps) {
  const field = useField(props.path);
  return (
    <NumberInput
      {...frame(props, field)}
      value={typeof field.value === 'number' ? field.value : ''}
      onChange={(next) => field.set(next === '' ? undefined : Number(next))}
      hideControls
    />
  );
}

interface ChoiceProps extends FieldProps {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  /** What holds when nothing is chosen. */
  readonly usual?: string;
}

export function ChoiceField({ choices, usual, ...props }: ChoiceProps) {
  const field = useField(props.path);
  return (
    <Select
      {...frame(props, field)}
      data={[...choices]}
      value={typeof field.value === 'string' ? field.value : (usual ?? null)}
      onChange={(next) => field.set(next ?? undefined)}
      clearable={usual === undefined}
      allowDeselect={usual === undefined}
    />
  );
}

export function MetricField(props: FieldProps) {
  const field = useField(props.path);
  const metrics = useVocabulary()?.metrics ?? [];
  return (
    <Autocomplete
      {...frame(props, field)}
      data={[...metrics]}
      limit={50}
      value={typeof field.value === 'string' ? field.value : ''}
      onChange={(next) => field.set(next || undefined)}
    />
  );
}

export function NamesField({ suggestions = [], ...props }: FieldProps & { readonly suggestions?: readonly string[] }) {
  const field = useField(props.path);
  const names = Array.isArray(field.value) ? field.value.map(String) : [];
  return (
    <TagsInput
      {...frame(props, field)}
      data={[...suggestions]}
      value={names}
      onChange={(next) => field.set(next.length > 0 ? next : undefined)}
      acceptValueOnBlur
    />
  );
}

export function FlagField(props: FieldProps) {
  const field = useField(props.path);
  return (
    <Switch
      label={props.label}
      checked={field.value === true}
      disabled={field.readOnly}
      error={errorOf(field.errors)}
      onChange={(event) => field.set(event.currentTarget.checked || undefined)}
    />
  );
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Days of the week; none chosen are all. */
export function DaysField(props: FieldProps) {
  const field = useField(props.path);
  const days = Array.isArray(field.value) ? field.value.map(String) : [];
  return (
    <Input.Wrapper
      label={props.label}
      description={props.hint ?? 'Every day, if none is chosen.'}
      error={errorOf(field.errors)}
    >
      <Chip.Group
        multiple
        value={days}
        onChange={(next) => field.set(next.length > 0 ? DAYS.filter((day) => next.includes(day)) : undefined)}
      >
        <Group gap={6} mt={4}>
          {DAYS.map((day) => (
            <Chip key={day} value={day} size="xs" disabled={field.readOnly}>
              {day}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}

/** A part of the document that has no form: its JSON. */
export function JsonField(props: FieldProps) {
  const field = useField(props.path);
  const { readOnly } = useDraft();
  const [text, setText] = useState(() => pretty(field.value ?? {}));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      label={props.label}
      description={props.hint}
      error={broken ? 'Must be a JSON object.' : errorOf(field.errors)}
      value={text}
      readOnly={readOnly}
      autosize
      minRows={2}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const parsed = parsedOf(event.currentTarget.value);
        setBroken(parsed === undefined);
        if (parsed) field.set(parsed);
      }}
    />
  );
}

function parsedOf(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
