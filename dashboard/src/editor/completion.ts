import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';

/** One word of the rules language, as the platform describes it. */
export interface Word {
  readonly name: string;
  readonly kind: string;
  readonly signature: string;
  readonly doc: string;
}

/** What may be written: the words of the language, and the names of metrics that have been measured. */
export interface Vocabulary {
  readonly words: readonly Word[];
  readonly metrics: readonly string[];
}

const OF_ANY_METRIC = 'metrics.<name>.';
/** What is being written: a chain of names, the last of which may be empty yet. */
const CHAIN = /(?:[A-Za-z_$][\w$]*\.)*(?:[A-Za-z_$][\w$]*)?$/;
const NAME = /^[A-Za-z_$][\w$]*$/;

export function completionSource(vocabulary: () => Vocabulary | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const known = vocabulary();
    if (!known) return null;
    const line = context.state.doc.lineAt(context.pos);
    const found = completionsAt(line.text.slice(0, context.pos - line.from), known, context.explicit);
    return found && { from: line.from + found.from, options: found.options, validFor: /^[\w$]*$/ };
  };
}

/** What may follow a piece of a line, and where it begins; null where nothing is offered unasked. */
export function completionsAt(before: string, { words, metrics }: Vocabulary, asked = false) {
  if (isInText(before)) return null;
  const chain = CHAIN.exec(before)![0];
  const dot = chain.lastIndexOf('.');
  const from = before.length - (chain.length - dot - 1);
  if (dot < 0) {
    if (chain === '' && !asked) return null;
    const plain = words.filter((word) => word.kind !== 'method' && !word.name.includes('.')).map(offer);
    return { from, options: [...metrics.filter((name) => NAME.test(name)).map(metric), ...plain] };
  }
  const owner = chain.slice(0, dot);
  if (owner === 'metrics') return { from, options: metrics.filter((name) => NAME.test(name)).map(metric) };
  const ofMetric = /^metrics\.[\w$]+$/.test(owner);
  const own = words.filter((word) => word.name.startsWith(ofMetric ? OF_ANY_METRIC : `${owner}.`));
  const shown = own.length > 0 ? own : words.filter((word) => word.kind === 'method');
  return shown.length > 0 ? { from, options: shown.map(offer) } : null;
}

/** Whether a quote is open there. */
const isInText = (before: string) =>
  (
    before
      .replace(/\\./g, '')
      .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '')
      .match(/['"`]/g) ?? []
  ).length > 0;

const metric = (name: string): Completion => ({ label: name, type: 'property', detail: 'metric', boost: 2 });

function offer({ name, kind, signature, doc }: Word): Completion {
  const label = name.slice(name.lastIndexOf('.') + 1);
  return { label, type: kind, detail: signature === name ? undefined : signature, info: doc || undefined };
}
