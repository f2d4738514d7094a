import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { Place } from './earth';
import { useMap } from './MapContext';
import classes from './Marks.module.css';

export type Tone = 'main' | 'other' | 'wrong';

interface AreaProps {
  readonly outline: readonly Place[];
  readonly tone: Tone;
}

/** The area within a line, or the line itself while it has two points. */
export function Area({ outline, tone }: AreaProps) {
  const { spotOf } = useMap();
  const points = outline.map((place) => {
    const { x, y } = spotOf(place);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return <polygon className={classes.area} data-tone={tone} points={points.join(' ')} />;
}

/** A name where its place is. */
export function Name({
  at,
  quiet,
  children,
}: {
  readonly at: Place;
  readonly quiet?: boolean;
  readonly children: string;
}) {
  const { x, y } = useMap().spotOf(at);
  return (
    <text className={classes.name} data-quiet={quiet || undefined} x={x} y={y + 4} aria-hidden>
      {children}
    </text>
  );
}

/** A device, with its name beside it. */
export function Dot({ at, name }: { readonly at: Place; readonly name: string }) {
  const { x, y } = useMap().spotOf(at);
  return (
    <g role="img" aria-label={`${name} is at ${at.latitude}, ${at.longitude}`}>
      <circle className={classes.dot} cx={x} cy={y} r={6} />
      <text className={classes.name} x={x} y={y - 12}>
        {name}
      </text>
    </g>
  );
}

/** Where something went. */
export function Line({ places }: { readonly places: readonly Place[] }) {
  const { spotOf } = useMap();
  const points = places.map((place) => {
    const { x, y } = spotOf(place);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return <polyline className={classes.line} points={points.join(' ')} aria-hidden />;
}

/** Where something was at a moment. */
export function Then({ at }: { readonly at: Place }) {
  const { x, y } = useMap().spotOf(at);
  return <circle className={classes.then} cx={x} cy={y} r={6} aria-hidden />;
}

interface WayProps {
  readonly label: string;
  readonly outline: readonly Place[];
  readonly onOpen: () => void;
}

/** An area that leads somewhere. */
export function Way({ label, outline, onOpen }: WayProps) {
  return (
    <g
      className={classes.way}
      role="link"
      aria-label={label}
      tabIndex={0}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.stopPropagation();
        onOpen();
      }}
    >
      <Area outline={outline} tone="other" />
    </g>
  );
}

interface HandleProps {
  readonly at: Place;
  readonly label: string;
  /** It is not yet a point, but becomes one when it is moved. */
  readonly faint?: boolean;
  /** Called while it is moved; `begun` only the first time of each move. */
  readonly onMove: (place: Place, begun: boolean) => void;
  readonly onRemove?: () => void;
}

const KEYS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A point that is dragged, or moved with the arrow keys: ten pixels a time, or one with Shift. */
export function Handle({ at, label, faint, onMove, onRemove }: HandleProps) {
  const map = useMap();
  const dragged = useRef<'no' | 'held' | 'moved'>('no');
  /** From the pointer to the point: it is rarely taken in its very middle, and shall not jump. */
  const grip = useRef({ x: 0, y: 0 });
  const { x, y } = map.spotOf(at);
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture?.(event.pointerId);
    dragged.current = 'held';
    const taken = map.spotOf(map.placeAt(event));
    grip.current = { x: x - taken.x, y: y - taken.y };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (dragged.current === 'no') return;
    event.stopPropagation();
    const { clientX, clientY } = event;
    const place = map.placeAt({ clientX: clientX + grip.current.x, clientY: clientY + grip.current.y });
    onMove(place, dragged.current === 'held');
    dragged.current = 'moved';
  };
  const onPointerUp = (event: PointerEvent) => {
    event.stopPropagation();
    // A click on one that is no point yet makes it one.
    if (faint && dragged.current === 'held') onMove(at, true);
    dragged.current = 'no';
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (step) {
      const by = event.shiftKey ? 1 : 10;
      onMove(map.beside(at, step[0] * by, step[1] * by), true);
    } else if (onRemove && (event.key === 'Delete' || event.key === 'Backspace')) {
      onRemove();
    } else if (faint && event.key === 'Enter') {
      onMove(at, true);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <g
      className={classes.handle}
      data-faint={faint || undefined}
      role="button"
      aria-label={label}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => (dragged.current = 'no')}
      onKeyDown={onKeyDown}
    >
      <circle className={classes.reach} cx={x} cy={y} r={15} />
      <circle className={classes.knob} cx={x} cy={y} r={faint ? 4 : 6.5} />
    </g>
  );
}
