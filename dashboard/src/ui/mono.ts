/** How a field looks whose text is code. */
export const MONO = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } } as const;
