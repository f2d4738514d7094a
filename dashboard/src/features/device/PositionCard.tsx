import { Group, Slider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { PRESET_WORDS, type Range, rangeToWord } from '@/charts/ranges';
import { useKnownGeofences } from '@/features/geofences/api';
import { contains, outlineOf, placesOf, shapeOf } from '@/features/geofences/shape';
import { EarthMap } from '@/map/EarthMap';
import type { Place } from '@/map/earth';
import { Dot, Line, Then, Way } from '@/map/Marks';
import { Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import type { LatestValues } from './telemetry';
import { type Fix, type Track, usePosition, useTrack } from './track';

interface Props {
  readonly device: { readonly id: number; readonly name: string };
  readonly range: Range;
  /** What it has said since the page was opened. */
  readonly fresh: LatestValues;
}

/** Where a device is, within which geofences, and where it was; nothing at all while its position is not known. */
export function PositionCard({ device, range, fresh }: Props) {
  const position = usePosition(device.id, fresh);
  const track = useTrack(device.id, range, position !== null);
  if (!position) return null;
  return (
    <Titled title="Where it is">
      <Located
        key={`${rangeToWord(range)} ${track.data ? 'track' : ''}`}
        {...{ device, range, position }}
        track={track.data}
      />
      {track.error ? <ProblemNotice failure={track.error} retry={() => void track.refetch()} /> : null}
    </Titled>
  );
}

interface LocatedProps extends Omit<Props, 'fresh'> {
  readonly position: Place;
  readonly track: Track | undefined;
}

function Located({ device, range, position, track }: LocatedProps) {
  const geofences = useKnownGeofences();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<number | null>(null);
  const within = geofences.filter((geofence) => contains(shapeOf(geofence), position));
  const fix = chosen === null ? undefined : track?.fixes.find(({ time }) => time >= chosen);
  const points = track?.lines.flat() ?? [];
  return (
    <>
      <EarthMap
        label={`Map of where ${device.name} is`}
        low
        places={[position, ...points, ...within.flatMap((geofence) => placesOf(shapeOf(geofence)))]}
      >
        {geofences.map((geofence) => (
          <Way
            key={geofence.id}
            label={geofence.name}
            outline={outlineOf(shapeOf(geofence))}
            onOpen={() => void navigate(`/geofences/${geofence.id}`)}
          />
        ))}
        {track?.lines.map((line, index) => (
          <Line
            key={index}
            places={range.kind === 'last' && index === track.lines.length - 1 ? [...line, position] : line}
          />
        ))}
        <Dot at={position} name={device.name} />
        {fix && <Then at={fix.at} />}
      </EarthMap>
      <Text size="sm" mt="xs">
        {placeWords(position)}
        {within.length > 0 && `, inside of ${within.map((geofence) => geofence.name).join(', ')}`}
      </Text>
      {track && track.positions > 1 && (
        <Stack gap={4} mt="xs">
          <Text size="xs" c="dimmed">
            {formatCount(track.positions)} positions in{' '}
            {range.kind === 'last' ? `the ${PRESET_WORDS[range.preset]}` : 'the chosen range'}
            {track.isSimplified && ', of which the line shows those that make its shape'}
          </Text>
          {track.fixes.length > 1 && <Scrub fixes={track.fixes} chosen={fix} onChoose={setChosen} />}
        </Stack>
      )}
    </>
  );
}

const placeWords = ({ latitude, longitude }: Place) => `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;

interface ScrubProps {
  readonly fixes: readonly Fix[];
  readonly chosen: Fix | undefined;
  readonly onChoose: (time: number) => void;
}

/** Goes along the track in time. */
function Scrub({ fixes, chosen, onChoose }: ScrubProps) {
  const at = chosen ? fixes.indexOf(chosen) : fixes.length - 1;
  const shown = fixes[at]!;
  const time = new Date(shown.time).toISOString();
  return (
    <Group gap="md" wrap="wrap">
      <Slider
        style={{ flex: '1 1 200px' }}
        size="sm"
        label={null}
        thumbLabel="Position along the track"
        min={0}
        max={fixes.length - 1}
        value={at}
        onChange={(next) => onChoose(fixes[next]!.time)}
        thumbValueText={`${time}, ${placeWords(shown.at)}`}
      />
      <Text size="xs" c="dimmed">
        <Moment at={time} />, {placeWords(shown.at)}
      </Text>
    </Group>
  );
}
