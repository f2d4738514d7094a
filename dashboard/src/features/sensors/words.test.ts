import { expect, test } from 'vitest';
import { calibrationWords, validWords } from './words';

test('a calibration is said in signs', () => {
  expect(calibrationWords({ multiplier: 1.02, offset: -0.4 })).toBe('× 1.02 − 0.4');
  expect(calibrationWords({ multiplier: 1, offset: 2 })).toBe('+ 2');
  expect(calibrationWords({ multiplier: 1, offset: 0 })).toBe('as it comes');
});

test('a valid range may be open at either end', () => {
  expect(validWords({ valid_min: -40, valid_max: 85 })).toBe('-40 to 85');
  expect(validWords({ valid_min: null, valid_max: 85 })).toBe('up to 85');
  expect(validWords({ valid_min: 0, valid_max: null })).toBe('from 0');
  expect(validWords({ valid_min: null, valid_max: null })).toBe('–');
});
