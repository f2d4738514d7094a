import { ActionIcon } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Place } from './earth';
import classes from './EarthMap.module.css';
import { MapProvider } from './MapContext';
import { Attribution, TileLayer } from './TileLayer';
import { useTiles } from './tiles';
import { usePointers } from './usePointers';
import {
  type Box,
  boxOf,
  EVERYTHING,
  linesOf,
  panned,
  placeOf,
  rulerOf,
  type Size,
  type Spot,
  spotOf,
  type View,
  viewOf,
  zoomed,
} from './view';

interface Props {
  readonly label: string;
  /** What is to be seen at first, and again by the button for it. */
  readonly places: readonly Place[];
  /** Lower than it could be, among other things. */
  readonly low?: boolean;
  /** As high as the window has room for. */
  readonly tall?: boolean;
  /** Another number shows the places again, as after they were replaced. */
  readonly fitted?: number;
  /** A click on nothing in particular; Enter clicks in the middle. */
  readonly onClick?: (place: Place) => void;
  /** Told what is seen, whenever it is something else. */
  readonly onSee?: (box: Box) => void;
  /** What is drawn, as SVG, by parts that ask `useMap` where a place is. */
  readonly children: ReactNode;
}

/** Until it is measured. */
const UNKNOWN: Size = { width: 600, height: 400 };
const STEP = 60;
/** Pixels that a mark reaches beyond its spot. */
const EDGE = 30;

/**
 * The earth as a grid of degrees, to draw areas on. It needs nothing from outside; where the operator has configured
 * tiles, these lie below it. It can be dragged, pinched, zoomed by the wheel, and used with the keyboard.
 */
export function EarthMap({ label, places, low, tall, fitted = 0, onClick, onSee, children }: Props) {
  const measured = useElementSize();
  const size = measured.width > 0 ? { width: measured.width, height: measured.height } : UNKNOWN;
  const [chosen, setChosen] = useState<View | null>(null);
  const fitting = viewOf(places, size);
  // The first view stays when more is drawn, or the drawing would move away from below the pointer.
  const [first, setFirst] = useState<View | null>(null);
  if (!chosen && !first && fitting && measured.width > 0) setFirst(fitting);
  const [fittedAt, setFittedAt] = useState(fitted);
  if (fitted !== fittedAt) {
    setFittedAt(fitted);
    setChosen(fitting);
  }
  const view = chosen ?? first ?? fitting ?? EVERYTHING;
  const tiles = useTiles();
  const svg = useRef<SVGSVGElement>(null);
  const help = useId();

  const spotAt = ({ clientX, clientY }: { clientX: number; clientY: number }): Spot => {
    const frame = svg.current!.getBoundingClientRect();
    return { x: clientX - frame.left, y: clientY - frame.top };
  };
  const change = (make: (view: View) => View) => setChosen((before) => make(before ?? view));
  const middle = { x: size.width / 2, y: size.height / 2 };
  const zoom = (factor: number, at: Spot = middle) => change((before) => zoomed(before, factor, at, size));
  const pan = (right: number, down: number) => change((before) => panned(before, right, down));
  const fit = () => setChosen(fitting ?? EVERYTHING);
  const pointers = usePointers({
    spotAt,
    onPan: pan,
    onZoom: zoom,
    onClick: (pointer) => onClick?.(placeOf(spotAt(pointer), view, size)),
  });
  const turn = useRef((_: WheelEvent) => {});
  useEffect(() => {
    turn.current = (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.002 : 0.06)), spotAt(event));
    };
  });
  useEffect(() => {
    const target = svg.current!;
    // React listens to wheels only passively, and then the page would scroll as well.
    const onWheel = (event: WheelEvent) => turn.current(event);
    target.addEventListener('wheel', onWheel, { passive: false });
    return () => target.removeEventListener('wheel', onWheel);
  }, []);
  const see = useRef(onSee);
  useEffect(() => {
    see.current = onSee;
  });
  const isMeasured = measured.width > 0;
  useEffect(() => {
    if (isMeasured) see.current?.(boxOf(view, size));
  }, [view, size.width, size.height, isMeasured]);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => pan(STEP, 0),
    ArrowRight: () => pan(-STEP, 0),
    ArrowUp: () => pan(0, STEP),
    ArrowDown: () => pan(0, -STEP),
    '+': () => zoom(1.5),
    '=': () => zoom(1.5),
    '-': () => zoom(1 / 1.5),
    '0': fit,
    ...(onClick && { Enter: () => onClick(placeOf(middle, view, size)) }),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const onMap = useMemo(
    () => ({
      spotOf: (place: Place) => spotOf(place, view, size),
      placeAt: (pointer: { clientX: number; clientY: number }) => placeOf(spotAt(pointer), view, size),
      isSeen: ({ x, y }: Spot) => x > -EDGE && y > -EDGE && x < size.width + EDGE && y < size.height + EDGE,
      approach: (place: Place) => change((before) => zoomed(before, 3, spotOf(place, before, size), size)),
      beside: (place: Place, right: number, down: number) => {
        const { x, y } = spotOf(place, view, size);
        return placeOf({ x: x + right, y: y + down }, view, size);
      },
    }),
    // The size is a new object each time, its numbers are not.
    [view, size.width, size.height],
  );
  return (
    <div className={classes.frame} data-low={low || undefined} data-tall={tall || undefined}>
      <div ref={measured.ref} className={classes.measured}>
        {tiles && <TileLayer tiles={tiles} view={view} size={size} />}
        <svg
          ref={svg}
          className={classes.map}
          data-draws={onClick ? true : undefined}
          data-tiles={tiles?.tiles ? true : undefined}
          width={size.width}
          height={size.height}
          role="group"
          aria-label={label}
          aria-describedby={help}
          tabIndex={0}
          onKeyDown={onKeyDown}
          {...pointers}
        >
          <Grid view={view} size={size} />
          <MapProvider value={onMap}>{children}</MapProvider>
          {onClick && (
            <path className={classes.cross} d={`M${middle.x - 9} ${middle.y}h18M${middle.x} ${middle.y - 9}v18`} />
          )}
        </svg>
      </div>
      <div className={classes.buttons}>
        <ActionIcon variant="default" aria-label="Closer" onClick={() => zoom(1.6)}>
          <IconPlus size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label="Farther" onClick={() => zoom(1 / 1.6)}>
          <IconMinus size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label="Show everything" onClick={fit}>
          <IconFocusCentered size={16} />
        </ActionIcon>
      </div>
      <Ruler view={view} />
      {tiles && <Attribution tiles={tiles} />}
      <span id={help} className="sr-only">
        Arrow keys move the map, plus and minus zoom, 0 shows everything
        {onClick ? ', Enter draws in the middle' : ''}.
      </span>
    </div>
  );
}

/** Pixels that a label and the buttons beside it take. */
const LABEL = 110;

function Grid({ view, size }: { readonly view: View; readonly size: Size }) {
  return (
    <g aria-hidden className={classes.grid}>
      {linesOf('longitude', view, size).map(({ at, spot, label }) => (
        <g key={at}>
          <line x1={spot} x2={spot} y1={0} y2={size.height} />
          {spot < size.width - LABEL && (
            <text x={spot + 4} y={12}>
              {label}
            </text>
          )}
        </g>
      ))}
      {linesOf('latitude', view, size).map(({ at, spot, label }) => (
        <g key={at}>
          <line x1={0} x2={size.width} y1={spot} y2={spot} />
          {spot > 30 && (
            <text x={4} y={spot - 4}>
              {label}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

function Ruler({ view }: { readonly view: View }) {
  const { pixels, words } = rulerOf(view);
  return (
    <div className={classes.ruler} style={{ width: pixels }} aria-hidden>
      {words}
    </div>
  );
}
