import { Button, Group, NumberInput, PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { askedFields, type Kind, type SettingField, type Typed } from './kinds';

interface Props {
  readonly kind: Kind;
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  /** The secrets that shall go; null where there are none yet, as in a new channel. */
  readonly removed: ReadonlySet<string> | null;
  readonly onRemoved: (removed: ReadonlySet<string>) => void;
}

/** The fields of a kind. */
export function SettingsFields({ kind, typed, onTyped, removed, onRemoved }: Props) {
  return askedFields(kind, typed).map((field) => {
    const { name } = field;
    const input = (
      <SettingInput
        key={name}
        field={field}
        value={typed[name] ?? ''}
        onChange={(value) => onTyped({ ...typed, [name]: value })}
      />
    );
    if (!field.secret || removed === null) return input;
    const mark = (goes: boolean) => {
      const next = new Set(removed);
      if (goes) next.add(name);
      else next.delete(name);
      onTyped({ ...typed, [name]: '' });
      onRemoved(next);
    };
    return (
      <Kept key={name} field={field} removed={removed.has(name)} onRemove={mark}>
        {input}
      </Kept>
    );
  });
}

interface KeptProps {
  readonly field: SettingField;
  readonly removed: boolean;
  readonly onRemove: (goes: boolean) => void;
  readonly children: React.ReactNode;
}

/** A secret that may be there already: kept unless it is replaced or removed. */
function Kept({ field: { label, optional }, removed, onRemove, children }: KeptProps) {
  const [replacing, setReplacing] = useState(false);
  if (replacing) {
    return (
      <Stack gap={4}>
        {children}
        <Group>
          <Button size="compact-xs" variant="subtle" onClick={() => (setReplacing(false), onRemove(false))}>
            Keep the old one
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <div role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {removed ? 'Will be removed.' : 'Kept as it is; it is never shown.'}
        </Text>
        {removed ? (
          <Button size="compact-xs" variant="subtle" onClick={() => onRemove(false)}>
            Keep it
          </Button>
        ) : (
          <>
            <Button size="compact-xs" variant="subtle" onClick={() => setReplacing(true)}>
              Replace
            </Button>
            {optional && (
              <Button size="compact-xs" variant="subtle" color="brick" onClick={() => onRemove(true)}>
                Remove
              </Button>
            )}
          </>
        )}
      </Group>
    </div>
  );
}

interface InputProps {
  readonly field: SettingField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function SettingInput({ field, value, onChange }: InputProps) {
  const { label, description, placeholder, optional, secret, input, options } = field;
  const common = {
    label: optional ? `${label} (optional)` : label,
    description,
    placeholder,
    value,
    autoComplete: 'off',
  };
  switch (input) {
    case 'choice':
      return (
        <Select
          label={label}
          data={[...(options ?? [])]}
          value={value}
          onChange={(next) => next !== null && onChange(next)}
          allowDeselect={false}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          onChange={(next) => onChange(String(next))}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
        />
      );
    case 'lines':
    case 'text':
    case 'headers':
      return (
        <Textarea
          {...common}
          onChange={(event) => onChange(event.currentTarget.value)}
          autosize={false}
          rows={3}
          spellCheck={false}
        />
      );
    case 'line':
      return secret ? (
        <PasswordInput
          {...common}
          autoComplete="new-password"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} spellCheck={false} />
      );
  }
}
