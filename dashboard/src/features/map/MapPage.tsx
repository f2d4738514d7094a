import { Anchor, Card, Skeleton, Stack, Text } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconFilter, IconMapPin } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { middleOf } from '@/features/geofences/Drawing';
import { useKnownGeofences } from '@/features/geofences/api';
import { outlineOf, placesOf, shapeOf } from '@/features/geofences/shape';
import { FeedBadge } from '@/live/FeedBadge';
import { EarthMap } from '@/map/EarthMap';
import { Name, Way } from '@/map/Marks';
import type { Box } from '@/map/view';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { TypedFilter } from '@/ui/TypedFilter';
import { MOST_MARKS, useBox, useWorld } from './api';
import classes from './Map.module.css';
import { ClusterSpot, DeviceSpot, Symbol, wordsOf } from './MapMarks';
import { boxFor, type DeviceMark, isWithin, type Mark, marksOf } from './marks';
import { useLiveMarks } from './useLiveMarks';

/** Marks whose names are all written; with more, they would cover each other. */
const MOST_NAMES = 25;
/** How long the map must have stood still before what it shows is asked for, in milliseconds. */
const SETTLED = 150;
/** Devices that are listed in words as well. */
const MOST_LISTED = 50;

/** The fleet where it is. The platform gathers what stands together, so that 10,000 devices are no different. */
export function MapPage() {
  const [params, setParams] = useSearchParams();
  const filter = params.get('filter') ?? '';
  const world = useWorld(filter);
  const [seen, setSeen] = useState<Box | null>(null);
  const [asked, setAsked] = useState<Box | null>(null);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const here = useBox(filter, asked, narrow ? MOST_MARKS.narrow : MOST_MARKS.wide);
  const marks = useLiveMarks(here.data ?? world.data);
  const geofences = useKnownGeofences();
  // Another filter shows other devices: the map goes to where these are.
  const [fit, setFit] = useState({ filter, times: 0 });
  if (world.data && !world.isPlaceholderData && fit.filter !== filter) setFit({ filter, times: fit.times + 1 });

  const see = useDebouncedCallback((box: Box) => {
    setSeen(box);
    setAsked((before) => boxFor(box, before));
  }, SETTLED);
  const change = (next: string) => setParams(next.trim() ? { filter: next.trim() } : {}, { replace: true });
  const failure = world.error ?? here.error;
  const places = world.data ? marksOf(world.data).map(({ at }) => at) : [];
  const isEmpty = world.data?.count === 0 && filter === '' && geofences.length === 0;
  return (
    <Page title="Map" lead={world.data ? leadOf(world.data.count, filter) : ' '} actions={<FeedBadge />}>
      <Stack gap="sm">
        <TypedFilter
          label="Filter"
          placeholder="device.type === 'pump' && tags.site === 'A'"
          value={filter}
          onChange={change}
          leftSection={<IconFilter size={16} />}
          search
        />
        {failure ? <ProblemNotice failure={failure} retry={() => void (world.error ? world : here).refetch()} /> : null}
        {isEmpty ? (
          <Card>
            <Nowhere />
          </Card>
        ) : world.data || world.error ? (
          <EarthMap
            label="Map of the fleet"
            tall
            places={places.length > 0 ? places : geofences.flatMap((geofence) => placesOf(shapeOf(geofence)))}
            fitted={fit.times}
            onSee={see}
          >
            <Geofences />
            <Spots marks={world.error ? [] : marks} seen={seen} />
          </EarthMap>
        ) : (
          <Skeleton height={420} aria-label="Loading the map" />
        )}
        {!isEmpty && world.data && (
          <>
            <Legend />
            {seen && <InView marks={marks.filter(({ at }) => isWithin(seen, at))} />}
            {here.data?.complete === false && (
              <Text size="sm" c="dimmed">
                The platform has just started and is still reading where devices are; more will come.
              </Text>
            )}
          </>
        )}
      </Stack>
    </Page>
  );
}

const leadOf = (count: number, filter: string) =>
  `${formatCount(count)} ${count === 1 ? 'device' : 'devices'} ${filter ? 'found' : 'with a known position'}`;

function Geofences() {
  const geofences = useKnownGeofences();
  const navigate = useNavigate();
  return (
    <>
      {geofences.map((geofence) => (
        <Way
          key={geofence.id}
          label={`Geofence ${geofence.name}`}
          outline={outlineOf(shapeOf(geofence))}
          onOpen={() => void navigate(`/geofences/${geofence.id}`)}
        />
      ))}
      {geofences.map((geofence) => (
        <Name key={geofence.id} at={middleOf(shapeOf(geofence))} quiet>
          {geofence.name}
        </Name>
      ))}
    </>
  );
}

function Spots({ marks, seen }: { readonly marks: readonly Mark[]; readonly seen: Box | null }) {
  const navigate = useNavigate();
  const isNamed = marks.filter(({ at }) => seen && isWithin(seen, at)).length <= MOST_NAMES;
  return (
    <>
      {marks.map((mark) =>
        mark.kind === 'cluster' ? (
          <ClusterSpot key={`${mark.at.latitude} ${mark.at.longitude}`} mark={mark} />
        ) : (
          <DeviceSpot key={mark.id} mark={mark} isNamed={isNamed} onOpen={() => void navigate(`/devices/${mark.id}`)} />
        ),
      )}
    </>
  );
}

const LEGEND: readonly (readonly [string, Pick<DeviceMark, 'severity' | 'isOnline'>])[] = [
  ['online', { severity: null, isOnline: true }],
  ['offline', { severity: null, isOnline: false }],
  ['info', { severity: 'info', isOnline: true }],
  ['warning', { severity: 'warning', isOnline: true }],
  ['major', { severity: 'major', isOnline: true }],
  ['critical', { severity: 'critical', isOnline: true }],
];

function Legend() {
  return (
    <ul className={classes.legend} aria-label="What marks mean">
      {LEGEND.map(([words, mark]) => (
        <li key={words}>
          <Picture {...mark} />
          {words}
        </li>
      ))}
      <li>hollow: offline, whatever its shape</li>
    </ul>
  );
}

const Picture = (mark: Pick<DeviceMark, 'severity' | 'isOnline'>) => (
  <svg width={24} height={24} viewBox="-12 -12 24 24" aria-hidden>
    <Symbol {...mark} />
  </svg>
);

/** What the map shows, in words and as links. */
function InView({ marks }: { readonly marks: readonly Mark[] }) {
  const devices = marks.filter((mark) => mark.kind === 'device');
  const count = marks.reduce((sum, mark) => sum + (mark.kind === 'cluster' ? mark.count : 1), 0);
  const online = marks.reduce((sum, mark) => sum + (mark.kind === 'cluster' ? mark.online : Number(mark.isOnline)), 0);
  return (
    <Card component="section" aria-label="In view">
      <Text size="sm" role="status">
        {count === 0
          ? 'No device is in view.'
          : `${formatCount(count)} ${count === 1 ? 'device' : 'devices'} in view, ${formatCount(online)} online.`}
      </Text>
      {devices.length > 0 && devices.length === marks.length && devices.length <= MOST_LISTED && (
        <ul className={classes.inView}>
          {[...devices]
            .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
            .map((mark) => (
              <li key={mark.id}>
                <Picture {...mark} />
                <Anchor component={Link} to={`/devices/${mark.id}`} size="sm" aria-label={wordsOf(mark)}>
                  {mark.name}
                </Anchor>
              </li>
            ))}
        </ul>
      )}
    </Card>
  );
}

function Nowhere() {
  return (
    <Empty icon={IconMapPin} title="No device is on the map yet">
      A device is where the metrics latitude and longitude say; one that stands still is where its metadata say, such as
      a location with lat and lon.
    </Empty>
  );
}
