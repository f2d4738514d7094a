import type { MantineColorsTuple } from '@mantine/core';

/** The green of weathered copper: what can be acted on, and what is well. */
export const verdigris: MantineColorsTuple = [
  '#e8f5f0',
  '#cfe9de',
  '#a3d6c2',
  '#73c1a5',
  '#4cb08d',
  '#2b9674',
  '#158061',
  '#0e6a50',
  '#0c5744',
  '#094134',
];

/** A grey with a little warmth, as of paper. */
export const paper: MantineColorsTuple = [
  '#faf9f6',
  '#f3f1eb',
  '#e7e4da',
  '#d8d4c7',
  '#bfbaab',
  '#918c7f',
  '#6b675d',
  '#54514a',
  '#3a3833',
  '#23221f',
];

/** A black with a little green: the surfaces of the dark scheme, from text down to the ground. */
export const ink: MantineColorsTuple = [
  '#dfe5e1',
  '#b4beb8',
  '#8f9a94',
  '#66716b',
  '#3a4540',
  '#2a332f',
  '#1d2421',
  '#171d1a',
  '#101513',
  '#0b0f0d',
];

export const ochre: MantineColorsTuple = [
  '#fdf4e2',
  '#f9e6c0',
  '#f2cf8b',
  '#eab755',
  '#e0a12d',
  '#c88516',
  '#a56a0d',
  '#8a570b',
  '#6e450a',
  '#513307',
];

export const brick: MantineColorsTuple = [
  '#fcedea',
  '#f8d7d0',
  '#f0afa3',
  '#e88976',
  '#df6a54',
  '#cd4e37',
  '#b23c27',
  '#972f1d',
  '#792618',
  '#591c12',
];

/** What the colours lie on; the style sheet takes its surfaces from here. */
export const surfaces = {
  light: { ground: '#f6f5f1', card: '#fffefc', text: '#1f211f', quiet: '#625f56' },
  dark: { ground: '#101513', card: '#171d1a', text: '#dfe5e1', quiet: '#98a39d' },
} as const;

/** Colours of lines in charts, told apart also by those who see red and green alike; light, then dark. */
export const lines: readonly (readonly [string, string])[] = [
  ['#0e7a5c', '#3fb894'],
  ['#2c69b0', '#6ea6e8'],
  ['#b4690e', '#e2a14a'],
  ['#8a4a9c', '#c58ad6'],
  ['#b0402c', '#ea7f6b'],
  ['#51707d', '#93b3c1'],
];

/** The line colour of the nth metric. */
export function lineColor(index: number, scheme: 'light' | 'dark'): string {
  const pair = lines[index % lines.length]!;
  return scheme === 'light' ? pair[0] : pair[1];
}
