import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { signOut } from '@/api/session';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  signOut();
});

// Mantine asks for these two; the test DOM has no layout to answer from.
window.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addListener: () => {},
  removeListener: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
  dispatchEvent: () => false,
})) as typeof window.matchMedia;
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
// Mantine scrolls chosen options into view.
Element.prototype.scrollIntoView ??= () => {};
// Mantine measures a growing text again when a font has come.
if (!('fonts' in document)) Object.defineProperty(document, 'fonts', { value: new EventTarget() });
