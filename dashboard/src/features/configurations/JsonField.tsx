import { Input } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { Problem } from '@/api/problem';
import { mistakeIn, objectIn } from '@/editor/json';
import { inWords, type Mistake } from '@/editor/mistakes';
import classes from './JsonField.module.css';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly readOnly?: boolean;
  /** What the platform has refused of this very text. */
  readonly refused: readonly Mistake[];
}

/** A JSON object as text, with its mistakes where they stand and below it in words. */
export function JsonField({ label, description, value, onChange, readOnly, refused }: Props) {
  const wrong = objectIn(value).mistake;
  const mistakes = useMemo(() => (wrong ? [wrong] : refused), [wrong?.message, wrong?.line, wrong?.column, refused]);
  const words = mistakes.map(inWords);
  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={words.length > 0 ? words.map((line) => <div key={line}>{line}</div>) : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      labelElement="div"
    >
      <Suspense fallback={<div className={classes.placeholder} />}>
        <CodeEditor
          value={value}
          onChange={onChange}
          language="json"
          label={label}
          description={words.join('; ') || undefined}
          mistakes={mistakes}
          readOnly={readOnly}
        />
      </Suspense>
    </Input.Wrapper>
  );
}

const NONE: readonly Mistake[] = [];

/** What of a refusal is about a place in a text that was sent as a field. */
export function mistakesOf(failure: unknown, field: string, text: string): readonly Mistake[] {
  if (!(failure instanceof Problem)) return NONE;
  const its = failure.errors.filter((error) => error.field === field || error.field.startsWith(`${field}/`));
  return its.length === 0 ? NONE : its.map((error) => mistakeIn(text, error.field.slice(field.length), error.detail));
}
