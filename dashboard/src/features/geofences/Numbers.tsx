import { ActionIcon, Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { memo, useState } from 'react';
import type { Place } from '@/map/earth';
import classes from './Geofences.module.css';
import { middleOf } from './Drawing';
import { clicked, radiusOf, type Shape, withoutPoint, withPoint } from './shape';
import type { Draw } from './useDrawing';

interface Props {
  readonly shape: Shape;
  readonly draw: Draw;
  readonly readOnly: boolean;
}

/** Points whose numbers are shown before somebody asks for all. */
const FEW = 40;

/** The shape in numbers, for whoever has them, or has no pointer. */
export function Numbers({ shape, draw, readOnly }: Props) {
  const [all, setAll] = useState(false);
  if (shape.kind === 'circle') {
    const { center, radius } = shape;
    return (
      <Stack gap="sm">
        <PlaceFields
          place={center}
          readOnly={readOnly}
          onChange={(place) => draw((before) => withPoint(before, 0, place))}
        />
        <NumberInput
          label="Radius in metres"
          value={radius}
          min={0}
          max={20_000_000}
          decimalScale={2}
          readOnly={readOnly}
          hideControls
          onChange={(next) =>
            Number(next) > 0 &&
            Number(next) !== radius &&
            draw((before) => (before.kind === 'circle' ? { ...before, radius: radiusOf(Number(next)) } : before))
          }
        />
      </Stack>
    );
  }
  const { points } = shape;
  const shown = all ? points : points.slice(0, FEW);
  return (
    <Stack gap="xs">
      {points.length === 0 && (
        <Text size="sm" c="dimmed">
          There are no points yet.
        </Text>
      )}
      {points.length > 0 && (
        <div className={classes.heads} aria-hidden>
          <span>Latitude</span>
          <span>Longitude</span>
        </div>
      )}
      <ol className={classes.points} aria-label="Points">
        {shown.map((point, index) => (
          <PointRow key={index} index={index} point={point} draw={draw} readOnly={readOnly} />
        ))}
      </ol>
      <Group gap="xs">
        {shown.length < points.length && (
          <Button size="xs" variant="default" onClick={() => setAll(true)}>
            Show all {points.length}
          </Button>
        )}
        {!readOnly && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => draw((before) => clicked(before, besideLast(points)))}
          >
            Add a point
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface RowProps extends Pick<Props, 'draw' | 'readOnly'> {
  readonly index: number;
  readonly point: Place;
}

/** Drawn again only when its own point has moved: a drag moves one of many, many times. */
const PointRow = memo(function PointRow({ index, point, draw, readOnly }: RowProps) {
  return (
    <li>
      <PlaceFields
        bare={`of point ${index + 1}`}
        place={point}
        readOnly={readOnly}
        onChange={(place) => draw((before) => withPoint(before, index, place))}
      />
      {!readOnly && (
        <ActionIcon
          aria-label={`Remove point ${index + 1}`}
          onClick={() => draw((before) => withoutPoint(before, index))}
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </li>
  );
});

/** Where a further point begins: where the last edge is cut in half, or where the first one was. */
function besideLast(points: readonly Place[]): Place {
  if (points.length === 0) return { latitude: 0, longitude: 0 };
  return middleOf({ kind: 'polygon', points: [points[0]!, points[points.length - 1]!] });
}

interface PlaceProps {
  readonly place: Place | null;
  readonly readOnly: boolean;
  /** Without labels that are seen; what they are of. */
  readonly bare?: string;
  readonly onChange: (place: Place) => void;
}

function PlaceFields({ place, readOnly, bare, onChange }: PlaceProps) {
  const axis = (name: keyof Place, label: string, most: number) => {
    const names = bare ? { 'aria-label': `${label} ${bare}` } : { label };
    return (
      <NumberInput
        {...names}
        value={place?.[name] ?? ''}
        min={-most}
        max={most}
        decimalScale={7}
        readOnly={readOnly}
        hideControls
        placeholder={name === 'latitude' ? '52.52' : '13.405'}
        size={bare ? 'xs' : 'sm'}
        onChange={(next) => {
          const value = Number(next);
          if (next === '' || !Number.isFinite(value) || Math.abs(value) > most || value === place?.[name]) return;
          onChange({ ...(place ?? { latitude: 0, longitude: 0 }), [name]: value });
        }}
      />
    );
  };
  return (
    <div className={classes.place}>
      {axis('latitude', 'Latitude', 90)}
      {axis('longitude', 'Longitude', 180)}
    </div>
  );
}
