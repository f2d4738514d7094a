import { Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { CopyLine } from '@/ui/CopyLine';
import { curlLine, mosquittoLine, usePlace } from './lines';

interface Props {
  readonly device: { readonly id: number };
  readonly apiKey: string;
}

/** A new key, and the lines that send a first measurement with it. */
export function KeyLines({ device, apiKey }: Props) {
  const place = usePlace();
  return (
    <Stack gap="sm">
      <CopyLine titled label="API key" text={apiKey} />
      <CopyLine titled label="Send a measurement over MQTT" text={mosquittoLine(place, device, apiKey)} />
      <CopyLine titled label="Send a measurement over HTTP" text={curlLine(place, apiKey)} />
    </Stack>
  );
}

/** Said wherever a key is shown. */
export function OnlyOnce() {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <IconKey size={18} color="var(--warn)" style={{ flex: 'none', marginTop: 2 }} aria-hidden />
      <Text size="sm">
        This is the only time that the key is shown: copy it now. The platform keeps no copy that could be read.
      </Text>
    </Group>
  );
}
