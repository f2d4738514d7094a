import { Stack } from '@mantine/core';
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
