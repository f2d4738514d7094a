import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Whether `/` goes here. */
  readonly search?: boolean;
  readonly leftSection?: TextInputProps['leftSection'];
}

/** A field of a filter: what is typed is asked for a moment after the last key. */
export function TypedFilter({ label, placeholder, value, onChange, search, leftSection }: Props) {
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState(value);
  const ask = useDebouncedCallback(onChange, 300);
  // The view was changed elsewhere, such as by showing everything.
  if (asked !== value) {
    setAsked(value);
    if (typed.trim() !== value.trim()) setTyped(value);
  }
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
      leftSection={leftSection}
      data-search={search || undefined}
      spellCheck={false}
      autoComplete="off"
    />
  );
}
