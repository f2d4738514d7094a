import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Ago } from '@/ui/Time';
import type { Effective } from './configurations';
import { driftWords, isDrift } from './drift';

/** Whether the device has what it should. */
export function DriftNotice({ effective }: { readonly effective: Effective }) {
  const words = driftWords(effective);
  if (!isDrift(effective)) {
    return (
      <Text size="sm" c="dimmed">
        {words}
      </Text>
    );
  }
  return (
    <Alert icon={<IconAlertTriangle size={18} />} color="ochre" title="Configuration drift">
      {words} <Ago at={effective.drift_since} />
    </Alert>
  );
}
