import { Button, Text } from '@mantine/core';
import { IconDownload, IconFence, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { EarthMap } from '@/map/EarthMap';
import { Dot, Name, Way } from '@/map/Marks';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { saveText } from '@/ui/save';
import { Ago } from '@/ui/Time';
import { useDeleteGeofence, useGeofences } from './api';
import { useDevicesOnMap } from './devices';
import { middleOf } from './Drawing';
import { collectionOf, featureOf } from './geojson';
import { contains, type Geofence, outlineOf, placesOf, shapeOf, shapeWords } from './shape';

/** The areas that rules speak of, on a map and in a list. */
export function GeofencesPage() {
  const geofences = useGeofences();
  const positions = useDevicesOnMap();
  const mayWrite = useMay()('rules:write');
  const navigate = useNavigate();
  const [removed, setRemoved] = useState<Geofence | null>(null);
  const { rows } = geofences;
  const columns: Column<Geofence>[] = [
    { label: 'Name', cell: ({ id, name }) => <Link to={`/geofences/${id}`}>{name}</Link> },
    { label: 'Shape', cell: (geofence) => shapeWords(shapeOf(geofence)) },
    { label: 'Devices inside', cell: (geofence) => <Inside geofence={geofence} positions={positions} /> },
    { label: 'Changed', quiet: true, cell: (geofence) => <Ago at={geofence.updated_at} /> },
  ];
  const keepAsFile = () =>
    saveText(
      JSON.stringify(collectionOf(rows.map((it) => featureOf(it.name, shapeOf(it)))), null, 2),
      'application/geo+json',
      'geofences.geojson',
    );
  return (
    <Page
      title="Geofences"
      lead="Areas with a name, of which rules speak: whether a device enters, leaves or stays."
      actions={
        <>
          {rows.length > 0 && (
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={keepAsFile}>
              GeoJSON
            </Button>
          )}
          {mayWrite && (
            <Button component={Link} to="/geofences/new" leftSection={<IconPlus size={16} />}>
              New geofence
            </Button>
          )}
        </>
      }
    >
      {rows.length > 0 && (
        <EarthMap label="Map of all geofences" places={rows.flatMap((it) => placesOf(shapeOf(it)))}>
          {rows.map((geofence) => (
            <Way
              key={geofence.id}
              label={geofence.name}
              outline={outlineOf(shapeOf(geofence))}
              onOpen={() => void navigate(`/geofences/${geofence.id}`)}
            />
          ))}
          {rows.map((geofence) => (
            <Name key={geofence.id} at={middleOf(shapeOf(geofence))}>
              {geofence.name}
            </Name>
          ))}
          {positions.map((position) => (
            <Dot key={position.device} at={position} name={position.device} />
          ))}
        </EarthMap>
      )}
      <List
        label="Geofences"
        pages={geofences}
        columns={columns}
        keyOf={({ id }) => id}
        actions={(geofence) =>
          mayWrite && (
            <RowMenu
              name={geofence.name}
              acts={[
                { label: 'Edit', run: () => void navigate(`/geofences/${geofence.id}`) },
                { label: 'Delete', danger: true, run: () => setRemoved(geofence) },
              ]}
            />
          )
        }
        empty={
          <Empty icon={IconFence} title="There are no geofences yet">
            A geofence is a circle or a polygon with a name. Draw one, and let a rule say what shall happen when a
            device enters it, leaves it, or stays too long.
          </Empty>
        }
      />
      {removed && <DeleteDialog geofence={removed} onClose={() => setRemoved(null)} />}
    </Page>
  );
}

function Inside({
  geofence,
  positions,
}: {
  readonly geofence: Geofence;
  readonly positions: ReturnType<typeof useDevicesOnMap>;
}) {
  const shape = shapeOf(geofence);
  const inside = positions.filter((position) => contains(shape, position)).map(({ device }) => device);
  if (inside.length === 0)
    return (
      <Text span size="sm" c="dimmed">
        none on the map
      </Text>
    );
  return (
    <>{inside.length <= 3 ? inside.join(', ') : `${inside.slice(0, 3).join(', ')} and ${inside.length - 3} more`}</>
  );
}

function DeleteDialog({ geofence, onClose }: { readonly geofence: Geofence; readonly onClose: () => void }) {
  const remove = useDeleteGeofence();
  return (
    <Confirm
      title="Delete a geofence"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(geofence.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{geofence.name}</strong> is gone for good. The platform refuses this while rules name it.
    </Confirm>
  );
}
