import { type RefObject, useEffect, useRef, useState } from 'react';

/**
 * Which row the keyboard stands on. It holds on to its row while others come and go; when the row itself goes, it stands
 * on the one that took its place. The focus goes with it, so Enter opens what it stands on.
 */
export function useCursor(ids: readonly number[], list: RefObject<HTMLElement | null>) {
  const [current, setCurrent] = useState<number | null>(null);
  const place = useRef(0);
  const at = current === null ? -1 : ids.indexOf(current);
  if (at >= 0) place.current = at;

  useEffect(() => {
    if (current === null || at >= 0) return;
    const next = ids[Math.min(place.current, ids.length - 1)];
    setCurrent(next ?? null);
    if (next !== undefined) focusRow(list.current, next);
  }, [current, at, ids, list]);

  const move = (step: number) => {
    if (ids.length === 0) return;
    const next = ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + step, 0), ids.length - 1)]!;
    setCurrent(next);
    focusRow(list.current, next);
  };
  return { current: at >= 0 ? current : null, move };
}

function focusRow(list: HTMLElement | null, id: number) {
  const row = list?.querySelector(`[data-alert='${id}']`);
  row?.querySelector<HTMLElement>('a')?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}
