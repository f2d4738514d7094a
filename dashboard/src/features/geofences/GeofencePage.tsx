import { Button, Card, Group, SegmentedControl, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconEraser } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { Problem } from '@/api/problem';
import { useLeaveGuard } from '@/features/rules/LeaveGuard';
import { EarthMap } from '@/map/EarthMap';
import { Back } from '@/ui/Back';
import { Titled } from '@/ui/Facts';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Kept, useGeofence, useKnownGeofences, useSaveGeofence } from './api';
import { useDevicesOnMap } from './devices';
import { DevicesCard } from './DevicesCard';
import { Drawing, Surroundings } from './Drawing';
import classes from './Geofences.module.css';
import { GeoJsonCard } from './GeoJsonCard';
import { Numbers } from './Numbers';
import {
  bodyOf,
  clicked,
  crossingOf,
  type Kind,
  missingOf,
  NOTHING,
  placesOf,
  sameShape,
  type Shape,
  shapeOf,
  shapeWords,
  turnedInto,
} from './shape';
import { useDrawing } from './useDrawing';

const BACK = <Back to="/geofences">Geofences</Back>;

/** A new geofence, from nothing. */
export function NewGeofencePage() {
  return <Editor kept={undefined} />;
}

/** One geofence, to look at and to change. */
export function GeofencePage() {
  const id = Number(useParams().geofence);
  const found = useGeofence(Number.isSafeInteger(id) && id > 0 ? id : 0);
  if (found.data) return <Editor key={found.data.geofence.id} kept={found.data} />;
  if (found.error) {
    return (
      <Page title="Geofence" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the geofence">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={360} />
    </Stack>
  );
}

function Editor({ kept }: { readonly kept: Kept | undefined }) {
  const readOnly = !useMay()('rules:write');
  const save = useSaveGeofence(kept);
  const begun = kept ? shapeOf(kept.geofence) : NOTHING;
  const [name, setName] = useState(kept?.geofence.name ?? '');
  const drawing = useDrawing(begun);
  const { shape, draw } = drawing;
  const [fitted, setFitted] = useState(0);
  const [asked, setAsked] = useState<readonly string[]>([]);
  const positions = useDevicesOnMap(asked);
  const others = useKnownGeofences().filter(({ id }) => id !== kept?.geofence.id);
  const isChanged = name !== (kept?.geofence.name ?? '') || !sameShape(shape, begun);
  const guard = useLeaveGuard(isChanged);
  const navigate = useNavigate();
  const missing = missingOf(shape);
  const keep = () =>
    save.mutate(
      { name, ...bodyOf(shape) },
      {
        onSuccess: ({ geofence }) => {
          drawing.restart(shapeOf(geofence));
          setName(geofence.name);
          notifications.show({ title: `${geofence.name} is in force`, message: shapeWords(shapeOf(geofence)) });
          if (!kept) guard.leave(() => navigate(`/geofences/${geofence.id}`, { replace: true }));
        },
      },
    );
  const drawn = placesOf(shape);
  const around = [...others.flatMap((other) => placesOf(shapeOf(other))), ...positions];
  return (
    <Page
      title={kept?.geofence.name ?? (name || 'New geofence')}
      above={BACK}
      lead={!kept ? 'Not saved yet' : isChanged ? 'There are changes that are not saved' : shapeWords(shape)}
      actions={
        !readOnly && (
          <Button
            onClick={keep}
            loading={save.isPending}
            disabled={missing !== null || name.trim() === '' || (kept && !isChanged)}
          >
            {kept ? 'Save' : 'Create'}
          </Button>
        )
      }
    >
      {save.error ? <ProblemNotice failure={save.error} /> : null}
      <div className={classes.page}>
        <Card component="section" aria-label="Map" padding="sm">
          <Stack gap="sm">
            {!readOnly && <Tools {...drawing} onKind={(kind) => draw((before) => turnedInto(before, kind))} />}
            <EarthMap
              label={`Map of ${name || 'the new geofence'}`}
              places={drawn.length > 0 ? drawn : around}
              fitted={fitted}
              onClick={readOnly ? undefined : (place) => draw((before) => clicked(before, place))}
            >
              <Surroundings geofences={others} positions={positions} />
              <Drawing shape={shape} draw={draw} readOnly={readOnly} />
            </EarthMap>
            <Text size="sm" c={sayOf(shape).isWrong ? 'var(--bad)' : 'dimmed'} aria-live="polite">
              {readOnly ? shapeWords(shape) : sayOf(shape).words}
            </Text>
          </Stack>
        </Card>
        <Stack gap="md">
          <Titled title="What it is">
            <TextInput
              label="Name"
              description="Rules speak of it by this name."
              value={name}
              error={nameErrors(save.error, save.variables?.name === name)}
              readOnly={readOnly}
              maxLength={128}
              autoComplete="off"
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </Titled>
          <Titled title="Coordinates">
            <Numbers shape={shape} draw={draw} readOnly={readOnly} />
          </Titled>
          <DevicesCard
            shape={shape}
            positions={positions}
            onAsk={(device) => setAsked((before) => [...new Set([...before, device])])}
          />
          <GeoJsonCard
            name={name}
            shape={shape}
            readOnly={readOnly}
            onRead={(read) => {
              draw(() => read.shape);
              if (read.name && name === '') setName(read.name);
              setFitted((before) => before + 1);
            }}
          />
        </Stack>
      </div>
      {guard.question}
    </Page>
  );
}

const KINDS = [
  { value: 'circle', label: 'Circle' },
  { value: 'polygon', label: 'Polygon' },
];

type ToolsProps = Pick<ReturnType<typeof useDrawing>, 'shape' | 'draw' | 'undo' | 'canUndo'> & {
  readonly onKind: (kind: Kind) => void;
};

function Tools({ shape, draw, undo, canUndo, onKind }: ToolsProps) {
  const isEmpty = placesOf(shape).length === 0;
  const empty: Shape = shape.kind === 'circle' ? NOTHING : { kind: 'polygon', points: [] };
  return (
    <div className={classes.tools}>
      <SegmentedControl
        aria-label="Shape"
        size="xs"
        data={KINDS}
        value={shape.kind}
        onChange={(kind) => onKind(kind as Kind)}
      />
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowBackUp size={14} />}
          disabled={!canUndo}
          onClick={undo}
        >
          Undo
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconEraser size={14} />}
          disabled={isEmpty}
          onClick={() => draw(() => empty)}
        >
          Clear
        </Button>
      </Group>
    </div>
  );
}

/** What to do next, or what is wrong. */
function sayOf(shape: Shape): { readonly words: string; readonly isWrong: boolean } {
  const missing = missingOf(shape);
  if (missing) return { words: missing, isWrong: false };
  if (shape.kind === 'circle')
    return { words: 'Drag the centre or the rim; a click puts the centre elsewhere.', isWrong: false };
  const crossing = crossingOf(shape.points);
  if (crossing) {
    const [a, b] = crossing;
    return { words: `The edges after points ${a + 1} and ${b + 1} cross: move one of them.`, isWrong: true };
  }
  return {
    words: 'Drag a point, or a small one between two to add another; a click adds one at the end, Delete removes one.',
    isWrong: false,
  };
}

/** What was refused of the name, as long as it is still that name. */
function nameErrors(failure: unknown, isSame: boolean): string | undefined {
  if (!(failure instanceof Problem) || !isSame) return undefined;
  return failure.errors.find(({ field }) => field === 'name')?.detail;
}
