import { type PointerEvent as Pointer, useRef } from 'react';
import type { Spot } from './view';

interface Moves {
  readonly onPan: (right: number, down: number) => void;
  readonly onZoom: (factor: number, at: Spot) => void;
  readonly onClick: (pointer: Pointer) => void;
  /** A pointer's spot in the drawing. */
  readonly spotAt: (pointer: { readonly clientX: number; readonly clientY: number }) => Spot;
}

/** Pixels that a hand may tremble during a click. */
const TREMBLE = 4;

/** One pointer drags the map, two pinch it, and one that stays where it was clicks. */
export function usePointers({ onPan, onZoom, onClick, spotAt }: Moves) {
  const down = useRef(new Map<number, Spot>());
  const begun = useRef<{ at: Spot; moved: boolean } | null>(null);

  const onPointerDown = (event: Pointer) => {
    if (event.button !== 0) return;
    // What leads somewhere must hear its click itself; it is held on to when it turns out to be a drag.
    if (!(event.target as Element).closest('[role="link"]')) hold(event);
    const at = spotAt(event);
    begun.current = { at, moved: down.current.size > 0 };
    down.current.set(event.pointerId, at);
  };
  const onPointerMove = (event: Pointer) => {
    const [before, start] = [down.current.get(event.pointerId), begun.current];
    if (!before || !start) return;
    // It was let go where nothing of it was heard.
    if (event.pointerType === 'mouse' && event.buttons === 0) return onPointerCancel(event);
    const at = spotAt(event);
    const other = [...down.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      onZoom(apart(at, other) / Math.max(1, apart(before, other)), middle(at, other));
      const [from, to] = [middle(before, other), middle(at, other)];
      onPan(to.x - from.x, to.y - from.y);
    } else {
      if (!start.moved) {
        if (apart(at, start.at) <= TREMBLE) return;
        start.moved = true;
        hold(event);
      }
      onPan(at.x - before.x, at.y - before.y);
    }
    down.current.set(event.pointerId, at);
  };
  const onPointerUp = (event: Pointer) => {
    if (!down.current.delete(event.pointerId)) return;
    if (begun.current && !begun.current.moved) onClick(event);
    if (down.current.size === 0) begun.current = null;
  };
  const onPointerCancel = (event: Pointer) => {
    down.current.delete(event.pointerId);
    if (down.current.size === 0) begun.current = null;
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel };
}

/** Its moves are heard wherever they go. */
const hold = ({ currentTarget, pointerId }: Pointer) => (currentTarget as Element).setPointerCapture?.(pointerId);

const apart = (a: Spot, b: Spot) => Math.hypot(a.x - b.x, a.y - b.y);
const middle = (a: Spot, b: Spot): Spot => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
