import { expect, test } from 'vitest';
import { attributionOf, tilesOf } from './tiles';
import { EVERYTHING, spotOf } from './view';

const SIZE = { width: 1000, height: 600 };
const BERLIN = { latitude: 52.52, longitude: 13.405 };
const TEMPLATE = 'https://tile.example.org/{z}/{x}/{y}.png';

test('tiles cover the map without seams, about as large as they are drawn best', () => {
  for (const scale of [1, 10, 100, 1_000, 20_000]) {
    const tiles = tilesOf({ ...BERLIN, scale }, SIZE, TEMPLATE, 19);
    expect(tiles.length).toBeGreaterThan(3);
    const columns = [...new Set(tiles.map(({ left }) => left))].sort((a, b) => a - b);
    columns.slice(1).forEach((left, index) => {
      const before = tiles.find((tile) => tile.left === columns[index])!;
      expect(before.left + before.width).toBe(left);
    });
    expect(columns[0]).toBeLessThanOrEqual(0);
    expect(tiles.every(({ width }) => width > 60 && width < 400)).toBe(true);
  }
});

test('a tile lies where its corner is', () => {
  const view = { ...BERLIN, scale: 100 };
  const tile = tilesOf(view, SIZE, TEMPLATE, 19)[0]!;
  const [, zoom, x, y] = /(\d+)\/(\d+)\/(\d+)\.png$/.exec(tile.address)!.map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI;
  const corner = spotOf({ latitude, longitude: (x / 2 ** zoom) * 360 - 180 }, view, SIZE);
  expect(Math.abs(corner.x - tile.left)).toBeLessThan(1);
  expect(Math.abs(corner.y - tile.top)).toBeLessThan(1);
});

test('there are never more than a page can take, nor finer ones than there are', () => {
  const huge = { width: 4_000, height: 3_000 };
  expect(tilesOf(EVERYTHING, huge, TEMPLATE, 19).length).toBeLessThanOrEqual(120);
  for (const { address } of tilesOf({ ...BERLIN, scale: 0.1 }, SIZE, TEMPLATE, 12)) expect(address).toContain('/12/');
});

test('addresses in an attribution are known', () => {
  expect(attributionOf('© Map makers, https://example.org/copyright')).toEqual([
    { text: '© Map makers, ', isAddress: false },
    { text: 'https://example.org/copyright', isAddress: true },
  ]);
  expect(attributionOf('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)', isAddress: false }]);
});
