import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconClipboard, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { CopyButton } from '@/ui/CopyLine';
import { Titled } from '@/ui/Facts';
import { FormDialog } from '@/ui/FormDialog';
import { saveText } from '@/ui/save';
import classes from './Geofences.module.css';
import { featureOf, type Read, readGeoJson } from './geojson';
import type { Shape } from './shape';

interface Props {
  readonly name: string;
  readonly shape: Shape;
  readonly readOnly: boolean;
  readonly onRead: (read: Read) => void;
}

/** The way from and to programs that draw maps. */
export function GeoJsonCard({ name, shape, readOnly, onRead }: Props) {
  const [pasting, setPasting] = useState(false);
  const feature = featureOf(name, shape);
  const text = feature ? JSON.stringify(feature, null, 2) : '';
  return (
    <Titled title="GeoJSON">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          As map programs read and write it, longitude first. A circle is a point with radius_m.
        </Text>
        <Group gap="xs">
          {!readOnly && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconClipboard size={14} />}
              onClick={() => setPasting(true)}
            >
              Paste
            </Button>
          )}
          {feature && (
            <>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconDownload size={14} />}
                onClick={() => saveText(text, 'application/geo+json', `${name || 'geofence'}.geojson`)}
              >
                Download
              </Button>
              <CopyButton text={text} label="GeoJSON" />
            </>
          )}
        </Group>
      </Stack>
      {pasting && <PasteDialog onRead={onRead} onClose={() => setPasting(false)} />}
    </Titled>
  );
}

function PasteDialog({ onRead, onClose }: Pick<Props, 'onRead'> & { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const take = () => {
    try {
      onRead(readGeoJson(text));
      onClose();
    } catch (failure) {
      setWrong(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <FormDialog
      title="Paste GeoJSON"
      act="Take it"
      ready={text.trim() !== ''}
      busy={false}
      failure={null}
      size="lg"
      onSubmit={take}
      onClose={onClose}
    >
      <Textarea
        className={classes.text}
        label="GeoJSON"
        description="A Polygon, or a Point with radius_m; also within a Feature or a FeatureCollection. It takes the place of what is drawn."
        value={text}
        error={wrong}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setWrong(null);
        }}
        minRows={8}
        maxRows={16}
        autosize
        spellCheck={false}
        data-autofocus
      />
    </FormDialog>
  );
}
