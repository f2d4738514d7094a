import { Autocomplete, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { TypedFilter } from '@/ui/TypedFilter';
import classes from './Audit.module.css';
import { ACTIONS, type AuditView, TIMES } from './view';

interface Props {
  readonly view: AuditView;
  readonly onChange: (change: Partial<AuditView>) => void;
}

/** The platform filters; what is typed is asked for a moment after the last key. */
export function Filters({ view, onChange }: Props) {
  return (
    <div className={classes.filters} role="search">
      <Typed label="Search the text" field="text" view={view} onChange={onChange} search />
      <Action value={view.action} onChange={(action) => onChange({ action })} />
      <Typed label="Who" field="actor" view={view} onChange={onChange} />
      <Typed label="Target" field="target" view={view} onChange={onChange} />
      <Select
        aria-label="Time"
        data={TIMES}
        value={view.time}
        onChange={(time) => onChange({ time: time ?? '', from: '', to: '' })}
        allowDeselect={false}
      />
      {view.time === 'span' && (
        <>
          <TextInput
            type="datetime-local"
            aria-label="From"
            value={view.from}
            onChange={(event) => onChange({ from: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            aria-label="To"
            value={view.to}
            onChange={(event) => onChange({ to: event.currentTarget.value })}
          />
        </>
      )}
    </div>
  );
}

interface TypedProps extends Props {
  readonly label: string;
  readonly field: 'text' | 'actor' | 'target';
  /** Whether `/` goes here. */
  readonly search?: boolean;
}

function Typed({ label, field, view, onChange, search }: TypedProps) {
  return (
    <TypedFilter
      label={label}
      placeholder={field === 'text' ? label : `${label}: id or name`}
      value={view[field]}
      onChange={(value) => onChange({ [field]: value })}
      search={search}
    />
  );
}

function Action({ value, onChange }: { readonly value: string; readonly onChange: (action: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState(value);
  const ask = useDebouncedCallback(onChange, 300);
  if (asked !== value) {
    setAsked(value);
    if (typed.trim() !== value.trim()) setTyped(value);
  }
  return (
    <Autocomplete
      aria-label="Action"
      placeholder="Action"
      data={ACTIONS}
      value={typed}
      onChange={(next) => {
        setTyped(next);
        ask(next);
      }}
      spellCheck={false}
      autoComplete="off"
      limit={30}
    />
  );
}
