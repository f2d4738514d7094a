import { Text } from '@mantine/core';
import { useNavigate } from 'react-router';
import { useKnownGeofences } from '@/features/geofences/api';
import { contains, outlineOf, placesOf, shapeOf } from '@/features/geofences/shape';
import { EarthMap } from '@/map/EarthMap';
import type { Place } from '@/map/earth';
import { Dot, Way } from '@/map/Marks';
import { Titled } from '@/ui/Facts';

interface Props {
  readonly name: string;
  readonly position: Place;
}

/** Where a device is, and within which geofences. */
export function PositionCard({ name, position }: Props) {
  const geofences = useKnownGeofences();
  const navigate = useNavigate();
  const within = geofences.filter((geofence) => contains(shapeOf(geofence), position));
  return (
    <Titled title="Where it is">
      <EarthMap
        label={`Map of where ${name} is`}
        low
        places={[position, ...within.flatMap((geofence) => placesOf(shapeOf(geofence)))]}
      >
        {geofences.map((geofence) => (
          <Way
            key={geofence.id}
            label={geofence.name}
            outline={outlineOf(shapeOf(geofence))}
            onOpen={() => void navigate(`/geofences/${geofence.id}`)}
          />
        ))}
        <Dot at={position} name={name} />
      </EarthMap>
      <Text size="sm" mt="xs">
        {position.latitude.toFixed(5)}, {position.longitude.toFixed(5)}
        {within.length > 0 && `, inside of ${within.map((geofence) => geofence.name).join(', ')}`}
      </Text>
    </Titled>
  );
}
