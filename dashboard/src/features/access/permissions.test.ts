import { expect, test } from 'vitest';
import { inWords, subjects, toggled } from './permissions';

test('permissions stand by their subject, reading first', () => {
  expect(subjects(['telemetry:erase', 'devices:write', 'telemetry:read', 'devices:read', 'devices:read'])).toEqual([
    { subject: 'devices', permissions: ['devices:read', 'devices:write'] },
    { subject: 'telemetry', permissions: ['telemetry:read', 'telemetry:erase'] },
  ]);
  expect(inWords(['audit:read', 'commands:send', 'x:y'])).toBe('audit read · commands send · x y');
  expect(inWords([])).toBe('');
});

test('a permission comes and goes', () => {
  expect(toggled(['b:read'], 'a:read')).toEqual(['a:read', 'b:read']);
  expect(toggled(['a:read', 'b:read'], 'a:read')).toEqual(['b:read']);
});
