import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';

/** How long after `g` the second key still counts, in milliseconds. */
const PATIENCE = 1200;

/**
 * Two keys in a row go to a page; `/` focuses what is marked as the page's search. Typing is never disturbed. What is
 * taken here is marked as handled before a page hears of it.
 */
export function useShortcuts(pages: Record<string, string>) {
  const navigate = useNavigate();
  const known = useRef(pages);
  known.current = pages;
  useEffect(() => {
    let first = '';
    let at = 0;
    const press = (event: KeyboardEvent) => {
      if (!isShortcut(event)) return;
      if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]');
        if (search) {
          event.preventDefault();
          search.focus();
          search.select();
        }
        return;
      }
      const page = performance.now() - at < PATIENCE ? known.current[`${first} ${event.key}`] : undefined;
      first = page ? '' : event.key;
      at = performance.now();
      if (page) {
        event.preventDefault();
        void navigate(page);
      }
    };
    window.addEventListener('keydown', press, { capture: true });
    return () => window.removeEventListener('keydown', press, { capture: true });
  }, [navigate]);
}

/** What single keys do on the page that is shown. */
export function useKeys(keys: Readonly<Record<string, (() => void) | undefined>>) {
  const known = useRef(keys);
  known.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !isShortcut(event)) return;
      const run = known.current[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

/** Whether a key is meant for the page, and not for a field or a dialog. */
const isShortcut = (event: KeyboardEvent) =>
  !(event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target));

function isTyping(target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('[role="dialog"]') !== null
  );
}
