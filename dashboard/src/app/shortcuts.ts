import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';

/** How long after `g` the second key still counts, in milliseconds. */
const PATIENCE = 1200;

/** Two keys in a row go to a page; `/` focuses what is marked as the page's search. Typing is never disturbed. */
export function useShortcuts(pages: Record<string, string>) {
  const navigate = useNavigate();
  const known = useRef(pages);
  known.current = pages;
  useEffect(() => {
    let first = '';
    let at = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
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
      if (page) void navigate(page);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate]);
}

function isTyping(target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('[role="dialog"]') !== null
  );
}
