/** One line of a comparison: in both texts, or only in one of them. */
export interface Line {
  readonly text: string;
  readonly kind: 'same' | 'added' | 'removed';
}

/** What became of a text, line by line, by their longest common subsequence. Rules are a few dozen lines long. */
export function linesBetween(before: string, after: string): readonly Line[] {
  const [old, next] = [before.split('\n'), after.split('\n')];
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(next.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        old[i] === next[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push({ text: old[i]!, kind: 'same' });
      i++;
      j++;
    } else if (j >= next.length || (i < old.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push({ text: old[i++]!, kind: 'removed' });
    } else {
      lines.push({ text: next[j++]!, kind: 'added' });
    }
  }
  return lines;
}
