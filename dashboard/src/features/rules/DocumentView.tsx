import { Card, Input, SegmentedControl, Stack } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Mistake } from '@/editor/mistakes';
import { type Document, isObject, pretty, sameDocument } from './document';
import { useDraft } from './draft';
import classes from './Fields.module.css';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

/** The draft as a form or as its JSON, whichever is easier; both change the same. */
export function DocumentView({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState('form');
  return (
    <Stack gap="md" align="stretch">
      <SegmentedControl
        aria-label="Shown as"
        size="xs"
        data={[
          { value: 'form', label: 'Form' },
          { value: 'json', label: 'JSON' },
        ]}
        value={shown}
        onChange={setShown}
        mr="auto"
      />
      {shown === 'form' ? children : <AsJson />}
    </Stack>
  );
}

function AsJson() {
  const { document, replace, readOnly } = useDraft();
  const [text, setText] = useState(() => pretty(document));
  const read = documentOf(text);
  // What was undone elsewhere is shown here as well.
  const [known, setKnown] = useState(document);
  if (document !== known) {
    setKnown(document);
    if (!read.document || !sameDocument(read.document, document)) setText(pretty(document));
  }
  const change = (next: string) => {
    setText(next);
    const its = documentOf(next);
    if (its.document) replace(its.document);
  };
  return (
    <Card>
      <Input.Wrapper label="JSON" labelElement="div" error={read.mistake?.message}>
        <Suspense fallback={<div className={classes.placeholder} />}>
          <CodeEditor
            value={text}
            onChange={change}
            language="json"
            label="JSON of the rule"
            mistakes={read.mistake ? [read.mistake] : undefined}
            readOnly={readOnly}
            tall
          />
        </Suspense>
      </Input.Wrapper>
    </Card>
  );
}

function documentOf(text: string): { document?: Document; mistake?: Mistake } {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { document: value };
    return { mistake: mistakeAt(text, 0, 'Must be one JSON object.') };
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    return { mistake: mistakeAt(text, Number(/position (\d+)/.exec(message)?.[1] ?? 0), message) };
  }
}

function mistakeAt(text: string, at: number, message: string): Mistake {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before[before.length - 1]!.length + 1, message, instead: '' };
}
