import { distance, type Place } from '@/map/earth';
import { useMap } from '@/map/MapContext';
import { Area, Dot, Handle, Name } from '@/map/Marks';
import type { Position } from './api';
import {
  crossingOf,
  type Geofence,
  handleOf,
  outlineOf,
  radiusOf,
  type Shape,
  shapeOf,
  withoutPoint,
  withPoint,
  withPointAfter,
} from './shape';
import type { Draw } from './useDrawing';

interface Props {
  readonly shape: Shape;
  readonly draw: Draw;
  readonly readOnly: boolean;
}

/** Corners that get a handle between them; with more, these would cover each other. */
const MOST_BETWEEN = 60;
/** Pixels between two points that leave room for a third. */
const ROOM = 44;

/** The shape that is being drawn, with what it is drawn by. */
export function Drawing({ shape, draw, readOnly }: Props) {
  const crossing = shape.kind === 'polygon' ? crossingOf(shape.points) : null;
  return (
    <>
      <Area outline={outlineOf(shape)} tone={crossing ? 'wrong' : 'main'} />
      {!readOnly &&
        (shape.kind === 'circle' ? <OfCircle shape={shape} draw={draw} /> : <OfPolygon shape={shape} draw={draw} />)}
    </>
  );
}

type OfKind<K extends Shape['kind']> = { readonly shape: Extract<Shape, { kind: K }>; readonly draw: Draw };

function OfCircle({ shape: { center, radius }, draw }: OfKind<'circle'>) {
  if (!center) return null;
  const pull = (place: Place, begun: boolean) =>
    draw(
      (before) =>
        before.kind === 'circle' && before.center
          ? { ...before, radius: radiusOf(distance(before.center, place)) }
          : before,
      begun,
    );
  return (
    <>
      <Handle at={handleOf(center, radius)} label="Radius" onMove={pull} />
      <Handle
        at={center}
        label="Centre"
        onMove={(place, begun) => draw((before) => withPoint(before, 0, place), begun)}
      />
    </>
  );
}

function OfPolygon({ shape: { points }, draw }: OfKind<'polygon'>) {
  const { spotOf } = useMap();
  const between = points.map((point, index) => {
    const next = points[(index + 1) % points.length]!;
    const [a, b] = [spotOf(point), spotOf(next)];
    const hasRoom = Math.hypot(a.x - b.x, a.y - b.y) > ROOM;
    return {
      index,
      hasRoom: points.length >= 3 && points.length <= MOST_BETWEEN && hasRoom,
      at: { latitude: (point.latitude + next.latitude) / 2, longitude: (point.longitude + next.longitude) / 2 },
    };
  });
  return (
    <>
      {between.map(
        ({ index, at, hasRoom }) =>
          hasRoom && (
            <Handle
              key={`after-${index}`}
              at={at}
              label={`A new point after point ${index + 1}`}
              faint
              onMove={(place, begun) =>
                draw(
                  (before) => (begun ? withPointAfter(before, index, place) : withPoint(before, index + 1, place)),
                  begun,
                )
              }
            />
          ),
      )}
      {points.map((point, index) => (
        <Handle
          key={index}
          at={point}
          label={`Point ${index + 1}`}
          onMove={(place, begun) => draw((before) => withPoint(before, index, place), begun)}
          onRemove={() => draw((before) => withoutPoint(before, index))}
        />
      ))}
    </>
  );
}

/** What lies around: other geofences, and devices. */
export function Surroundings({
  geofences,
  positions,
}: {
  readonly geofences: readonly Geofence[];
  readonly positions: readonly Position[];
}) {
  return (
    <>
      {geofences.map((geofence) => (
        <Area key={geofence.id} outline={outlineOf(shapeOf(geofence))} tone="other" />
      ))}
      {geofences.map((geofence) => (
        <Name key={geofence.id} at={middleOf(shapeOf(geofence))} quiet>
          {geofence.name}
        </Name>
      ))}
      {positions.map((position) => (
        <Dot key={position.device} at={position} name={position.device} />
      ))}
    </>
  );
}

/** Where a name is written. */
export function middleOf(shape: Shape): Place {
  if (shape.kind === 'circle') return shape.center ?? { latitude: 0, longitude: 0 };
  const mean = (axis: keyof Place) => shape.points.reduce((sum, it) => sum + it[axis], 0) / shape.points.length;
  return { latitude: mean('latitude'), longitude: mean('longitude') };
}
