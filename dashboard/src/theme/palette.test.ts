import { expect, test } from 'vitest';
import { brick, lines, ochre, surfaces, verdigris } from './palette';

/** Contrast as WCAG 2 defines it. */
function contrast(a: string, b: string) {
  const luminance = (color: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

test.each(['light', 'dark'] as const)('text is readable on every surface, %s', (scheme) => {
  const { ground, card, text, quiet } = surfaces[scheme];
  const shade = scheme === 'light' ? 7 : 3;
  for (const surface of [ground, card]) {
    for (const color of [text, quiet, verdigris[shade]!, ochre[shade]!, brick[shade]!]) {
      expect(contrast(color, surface), `${color} on ${surface}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('lines stand out from the card they are drawn on', () => {
  for (const [light, dark] of lines) {
    expect(contrast(light, surfaces.light.card)).toBeGreaterThanOrEqual(3);
    expect(contrast(dark, surfaces.dark.card)).toBeGreaterThanOrEqual(3);
  }
});

test('a filled button carries readable words', () => {
  expect(contrast('#ffffff', verdigris[7]!)).toBeGreaterThanOrEqual(4.5);
  expect(contrast('#000000', verdigris[4]!)).toBeGreaterThanOrEqual(4.5);
});
