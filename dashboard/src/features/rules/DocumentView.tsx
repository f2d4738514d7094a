import { Card, Input, SegmentedControl, Stack } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { objectIn } from '@/editor/json';
import { pretty, sameDocument } from './document';
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
  const read = objectIn(text);
  // What was undone elsewhere is shown here as well.
  const [known, setKnown] = useState(document);
  if (document !== known) {
    setKnown(document);
    if (!read.object || !sameDocument(read.object, document)) setText(pretty(document));
  }
  const change = (next: string) => {
    setText(next);
    const its = objectIn(next).object;
    if (its) replace(its);
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
