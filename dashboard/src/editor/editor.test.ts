import { expect, test } from 'vitest';
import { completionsAt, type Vocabulary } from './completion';
import { mistakeOf, rangeOf } from './mistakes';

const word = (name: string, kind = 'variable', signature = name) => ({ name, kind, signature, doc: '' });
const vocabulary: Vocabulary = {
  words: [
    word('current'),
    word('device.name'),
    word('device.device_type'),
    word('metrics'),
    word('metrics.<name>.avg'),
    word('avg', 'function', "avg(metric, '5m')"),
    word('Math.abs', 'function', 'Math.abs(x)'),
    word('includes', 'method', 'includes(x)'),
  ],
  metrics: ['temperature', 'a-b'],
};
const offered = (before: string, asked = false) =>
  completionsAt(before, vocabulary, asked)?.options.map((option) => option.label);

test('metrics come before the words of the language', () => {
  expect(offered('te')).toEqual(['temperature', 'current', 'metrics', 'avg']);
  expect(offered('avg(te')?.[0]).toBe('temperature');
});

test('after a dot comes what belongs to its owner', () => {
  expect(offered('device.')).toEqual(['name', 'device_type']);
  expect(offered('metrics.te')).toEqual(['temperature']);
  expect(offered('current > metrics.temperature.a')).toEqual(['avg']);
  expect(offered('Math.')).toEqual(['abs']);
  expect(offered('metadata.site.')).toEqual(['includes']);
});

test('nothing is offered in a text, nor unasked before anything is written', () => {
  expect(offered("device.name == 'te")).toBeUndefined();
  expect(offered("'done' + te")?.[0]).toBe('temperature');
  expect(offered('')).toBeUndefined();
  expect(offered('', true)?.length).toBe(4);
});

test('completion replaces the name that is being written', () => {
  expect(completionsAt('current > tem', vocabulary)?.from).toBe(10);
  expect(completionsAt('device.na', vocabulary)?.from).toBe(7);
});

test('a refusal says its place, or stands at the beginning', () => {
  expect(mistakeOf('line 2, column 5: No such function.; Write avg.')).toEqual({
    line: 2,
    column: 5,
    message: 'No such function.; Write avg.',
    instead: '',
  });
  expect(mistakeOf('is missing')).toMatchObject({ line: 1, column: 1, message: 'is missing' });
});

test('a mistake covers the word where it stands, and never lies outside of the text', () => {
  const text = 'const x = 1;\nreturn evil.stuff > 3;';
  const covered = (line: number, column: number) => {
    const { from, to } = rangeOf(text, { line, column });
    return text.slice(from, to);
  };
  expect(covered(2, 8)).toBe('evil.stuff');
  expect(covered(1, 12)).toBe(';');
  expect(covered(1, 99)).toBe(';');
  expect(covered(9, 1)).toBe('return');
  expect(rangeOf('', { line: 1, column: 1 })).toEqual({ from: 0, to: 0 });
});
