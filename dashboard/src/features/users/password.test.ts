import { expect, test } from 'vitest';
import { madePassword } from './password';

test('a made password is long, readable and never the same', () => {
  const made = new Set(Array.from({ length: 200 }, madePassword));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^([a-hjkmnp-z2-9+]{5}-){3}[a-hjkmnp-z2-9+]{5}$/);
});
