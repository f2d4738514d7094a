import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { bracketMatching } from '@codemirror/language';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import classes from './CodeEditor.module.css';
import { completionSource, type Vocabulary } from './completion';
import { Echoes } from './echoes';
import { type Mistake, rangeOf } from './mistakes';
import { highlighting, look } from './look';

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly language: 'expression' | 'json';
  readonly label: string;
  /** What screen readers say of it beside its label: its mistakes in words. */
  readonly description?: string;
  readonly vocabulary?: Vocabulary;
  readonly mistakes?: readonly Mistake[];
  readonly tall?: boolean;
  readonly readOnly?: boolean;
}

const NONE: readonly Mistake[] = [];

/**
 * Typed over a selection: Chromium would keep the looks of what stood there as an inline style, which is forbidden. So
 * the selection goes first; brackets and quotes, which are put around it, stay as they are.
 */
const overSelection = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    const { from, to, empty } = view.state.selection.main;
    if (inputType === 'insertText' && data && !empty && !/^[([{'"`]$/.test(data) && !view.composing)
      view.dispatch({ changes: { from, to }, userEvent: 'delete.selection' });
    return false;
  },
});

/**
 * A text of code with colours, completion and its mistakes underlined. It lies in a shadow root of its own: there the
 * editor gives its styles as sheets that a script makes, which the content security policy allows; in the document it
 * would write style elements. Tab leaves it, as it does every field.
 */
export default function CodeEditor(props: Props) {
  const { value, language, label, description, vocabulary, mistakes = NONE, tall, readOnly } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const attributes = useRef(new Compartment());
  const echoes = useRef(new Echoes());

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: newest.current.value,
        extensions: [
          history(),
          bracketMatching(),
          closeBrackets(),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly ?? false),
          language === 'json' ? json() : javascript(),
          autocompletion(
            language === 'json' ? {} : { override: [completionSource(() => newest.current.vocabulary)], icons: false },
          ),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          attributes.current.of([]),
          look,
          highlighting,
          overSelection,
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const text = update.state.doc.toString();
            if (text !== newest.current.value) echoes.current.told(text);
            newest.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [language, readOnly]);

  useEffect(() => {
    const shown = view.current!;
    const text = shown.state.doc.toString();
    if (text === value) echoes.current.settle();
    else if (!echoes.current.isEcho(value)) shown.dispatch({ changes: { from: 0, to: text.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current!.dispatch({
      effects: attributes.current.reconfigure(
        EditorView.contentAttributes.of({
          'aria-label': label,
          ...(description ? { 'aria-description': description } : {}),
          ...(mistakes.length > 0 ? { 'aria-invalid': 'true' } : {}),
        }),
      ),
    });
  }, [label, description, mistakes, language, readOnly]);

  useEffect(() => {
    const { state } = view.current!;
    view.current!.dispatch(setDiagnostics(state, diagnostics(state.doc.toString(), mistakes)));
  }, [mistakes, value, language, readOnly]);

  return (
    <div
      ref={host}
      className={classes.editor}
      data-invalid={mistakes.length > 0 || undefined}
      data-tall={tall || undefined}
      data-words={vocabulary ? vocabulary.words.length : undefined}
    />
  );
}

const diagnostics = (text: string, mistakes: readonly Mistake[]): Diagnostic[] =>
  mistakes.map((mistake) => ({
    ...rangeOf(text, mistake),
    severity: 'error',
    message: [mistake.message, mistake.instead].filter(Boolean).join(' '),
  }));
