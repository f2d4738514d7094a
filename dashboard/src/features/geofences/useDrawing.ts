import { useCallback, useState } from 'react';
import type { Shape } from './shape';

interface Drawn {
  readonly shape: Shape;
  readonly before: readonly Shape[];
}

/** Steps that can be taken back. */
const MOST = 100;

/** A shape that is being drawn. A move of the hand is one step, however many places it went over. */
export function useDrawing(begun: Shape) {
  const [{ shape, before }, setDrawn] = useState<Drawn>({ shape: begun, before: [] });
  const draw = useCallback(
    (make: (shape: Shape) => Shape, isStep = true) =>
      setDrawn((drawn) => ({
        shape: make(drawn.shape),
        before: isStep ? [...drawn.before, drawn.shape].slice(-MOST) : drawn.before,
      })),
    [],
  );
  const undo = useCallback(
    () =>
      setDrawn((drawn) =>
        drawn.before.length === 0
          ? drawn
          : { shape: drawn.before[drawn.before.length - 1]!, before: drawn.before.slice(0, -1) },
      ),
    [],
  );
  const restart = useCallback((next: Shape) => setDrawn({ shape: next, before: [] }), []);
  return { shape, draw, undo, restart, canUndo: before.length > 0 };
}

export type Draw = ReturnType<typeof useDrawing>['draw'];
