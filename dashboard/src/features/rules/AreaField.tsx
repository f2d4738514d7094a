import { Anchor, Autocomplete, Select } from '@mantine/core';
import { useKnownGeofences } from '@/features/geofences/api';
import { type Document, isObject, listAt, valueAt } from './document';
import { useDraft } from './draft';
import { NumberField } from './fields';
import classes from './Fields.module.css';

const KINDS = [
  { value: 'geofence', label: 'A geofence' },
  { value: 'circle', label: 'A circle of its own' },
  { value: 'polygon', label: 'A polygon of its own' },
];

const FRESH: Readonly<Record<string, Document>> = {
  geofence: { geofence: '' },
  circle: { circle: { latitude: 0, longitude: 0, radius_m: 1000 } },
};

/** The area of a condition: a geofence by its name, or a shape that only this rule has. */
export function AreaField({ path }: { readonly path: string }) {
  const { document, change, readOnly, errorsAt } = useDraft();
  const condition = valueOf(document, path);
  const kind = 'polygon' in condition ? 'polygon' : 'circle' in condition ? 'circle' : 'geofence';
  const turn = (next: string | null) => {
    const { geofence, circle, polygon, ...rest } = condition;
    if (next !== null && next !== kind && FRESH[next]) change(path, { ...rest, ...FRESH[next] });
  };
  // A polygon is drawn as a geofence, or written in the JSON.
  const kinds = KINDS.filter(({ value }) => value !== 'polygon' || kind === 'polygon');
  return (
    <>
      <div className={classes.fields}>
        <Select label="Area" data={kinds} value={kind} onChange={turn} readOnly={readOnly} allowDeselect={false} />
        {kind === 'geofence' && <NameField path={`${path}.geofence`} />}
      </div>
      {kind === 'circle' && (
        <div className={classes.fields}>
          <NumberField path={`${path}.circle.latitude`} label="Latitude" />
          <NumberField path={`${path}.circle.longitude`} label="Longitude" />
          <NumberField path={`${path}.circle.radius_m`} label="Radius in metres" />
        </div>
      )}
      {kind === 'polygon' && (
        <div className={classes.preview}>
          {listAt(condition, 'polygon').length} points, which stand in the JSON. {errorsAt(`${path}.polygon`).join(' ')}
        </div>
      )}
    </>
  );
}

/** A name is free, for those of organizations above can be named but not listed. */
function NameField({ path }: { readonly path: string }) {
  const { document, change, readOnly, errorsAt } = useDraft();
  const names = useKnownGeofences().map(({ name }) => name);
  const name = valueOf(document, path.replace(/\.geofence$/, '')).geofence;
  return (
    <Autocomplete
      label="Geofence"
      placeholder={names.length > 0 ? 'Choose one' : 'There is none yet'}
      description={
        <>
          Drawn under{' '}
          <Anchor href="/geofences" target="_blank" inherit>
            Geofences
          </Anchor>
          .
        </>
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={[...new Set(names)]}
      limit={50}
      value={typeof name === 'string' ? name : ''}
      onChange={(next) => change(path, next)}
      readOnly={readOnly}
      error={errorsAt(path).join(' ') || undefined}
    />
  );
}

function valueOf(document: Document, path: string): Document {
  const value = valueAt(document, path);
  return isObject(value) ? value : {};
}
