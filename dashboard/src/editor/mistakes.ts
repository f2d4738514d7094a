/** What is wrong with a text of code, and what to write instead. Lines and columns are counted from 1. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly instead: string;
}

const PLACE = /^line (\d+), column (\d+): ([\s\S]*)$/;

/** What the platform says of a field, as a mistake in its text; one without a place is at the beginning. */
export function mistakeOf(detail: string): Mistake {
  const [, line, column, message] = PLACE.exec(detail) ?? [];
  return message === undefined
    ? { line: 1, column: 1, message: detail, instead: '' }
    : { line: Number(line), column: Number(column), message, instead: '' };
}

/** Where it stands in the text: from its place to the end of the word there, at least one character where there is one. */
export function rangeOf(text: string, { line, column }: Pick<Mistake, 'line' | 'column'>) {
  const lines = text.split('\n');
  const row = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, row).reduce((sum, each) => sum + each.length + 1, 0);
  const words = lines[row]!;
  const at = Math.min(Math.max(column - 1, 0), words.length);
  const length = /^(?:[\w$.]+|.)/.exec(words.slice(at))?.[0].length ?? 0;
  // Behind the last character nothing could be underlined: the one before it is.
  const from = length === 0 && at > 0 ? at - 1 : at;
  return { from: start + from, to: start + at + length };
}

/** In a line, for below the field. */
export const inWords = ({ line, column, message, instead }: Mistake) =>
  `Line ${line}, column ${column}: ${message}${instead ? ` ${instead}` : ''}`;
