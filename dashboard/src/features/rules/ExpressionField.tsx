import { Input } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { inWords, type Mistake, mistakeOf } from '@/editor/mistakes';
import { useField } from './draft';
import { type FieldProps, TextField } from './fields';
import classes from './Fields.module.css';
import { type Purpose, useMistakes, useVocabulary } from './language';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));
const NONE: readonly Mistake[] = [];

interface Props extends FieldProps {
  /** What it is for: that decides which words it may use. */
  readonly purpose: Purpose;
  /** Whether it may be left out. */
  readonly optional?: boolean;
}

/** An expression of the rules language, with its mistakes where they stand and below it in words. */
export function ExpressionField({ path, label, hint, purpose, optional }: Props) {
  const field = useField(path);
  const vocabulary = useVocabulary(purpose);
  const text = typeof field.value === 'string' ? field.value : '';
  const found = useMistakes(text, purpose);
  const refused = field.errors.join('\n');
  const mistakes = useMemo(
    () => (refused ? refused.split('\n').map(mistakeOf) : found.length > 0 ? found : NONE),
    [refused, found],
  );
  const words = mistakes.map(inWords);
  return (
    <Input.Wrapper
      label={label}
      description={hint}
      error={words.length > 0 ? words.map((line) => <div key={line}>{line}</div>) : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      labelElement="div"
    >
      <Suspense fallback={<div className={classes.placeholder} />}>
        <CodeEditor
          value={text}
          onChange={(next) => field.set(next === '' && optional ? undefined : next)}
          language="expression"
          label={label}
          description={words.join('; ') || undefined}
          vocabulary={vocabulary}
          mistakes={mistakes}
          readOnly={field.readOnly}
        />
      </Suspense>
    </Input.Wrapper>
  );
}

/** A text with expressions in it. */
export function TemplateField(props: FieldProps & { readonly lines?: boolean }) {
  const { value } = useField(props.path);
  const found = useMistakes(typeof value === 'string' ? value : '', 'message');
  return <TextField {...props} wrong={found.map(inWords).join(' ') || undefined} />;
}
