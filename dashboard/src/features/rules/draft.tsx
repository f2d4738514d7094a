import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { asProblem, type FieldError, Problem } from '@/api/problem';
import { type Document, sameDocument, valueAt, withValue } from './document';

/** A document that is being edited, and what the platform did not accept of it. */
export interface Draft {
  readonly document: Document;
  readonly change: (path: string, value: unknown) => void;
  readonly replace: (document: Document) => void;
  /** What was refused at a place; gone when that is changed. */
  readonly errorsAt: (path: string) => readonly string[];
  readonly isChanged: boolean;
  readonly readOnly: boolean;
}

const Context = createContext<Draft | null>(null);

export function DraftProvider({ draft, children }: { readonly draft: Draft; readonly children: ReactNode }) {
  return <Context value={draft}>{children}</Context>;
}

export function useDraft(): Draft {
  const draft = useContext(Context);
  if (!draft) throw new Error('no draft is being edited here');
  return draft;
}

/** One value of the draft, what was refused of it, and how to change it; `undefined` takes it away. */
export function useField(path: string) {
  const { document, change, errorsAt, readOnly } = useDraft();
  return {
    value: valueAt(document, path),
    errors: errorsAt(path),
    set: (value: unknown) => change(path, value),
    readOnly,
  };
}

/** Begins to edit a document as it is kept. A refusal belongs to the document that was refused. */
export function useNewDraft(kept: Document, failure: unknown, readOnly: boolean): Draft {
  const [document, setDocument] = useState(kept);
  const [mended, setMended] = useState<{ of: unknown; paths: readonly string[] }>({ of: null, paths: [] });
  const errors = useMemo(() => refusalsOf(failure), [failure]);
  const change = useCallback(
    (path: string, value: unknown) => {
      setDocument((before) => withValue(before, path, value));
      setMended((before) => ({ of: failure, paths: [...(before.of === failure ? before.paths : []), path] }));
    },
    [failure],
  );
  const replace = useCallback((next: Document) => setDocument(next), []);
  return useMemo(() => {
    const gone = mended.of === failure ? mended.paths : [];
    return {
      document,
      change,
      replace,
      errorsAt: (path: string) =>
        errors
          .filter(({ field }) => field === path && !gone.some((changed) => within(field, changed)))
          .map(({ detail }) => detail),
      isChanged: !sameDocument(document, kept),
      readOnly,
    };
  }, [document, kept, errors, mended, failure, change, replace, readOnly]);
}

/** Fields that were refused; one that stands in a trial's or a check's body is named without its `rule.`. */
export function refusalsOf(failure: unknown): readonly FieldError[] {
  if (!(failure instanceof Problem)) return [];
  return asProblem(failure).errors.map(({ field, detail }) => ({ field: field.replace(/^rule\./, ''), detail }));
}

const within = (field: string, changed: string) =>
  field === changed || field.startsWith(`${changed}.`) || field.startsWith(`${changed}[`);
