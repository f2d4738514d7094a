import { Badge, Stack, Text } from '@mantine/core';
import { DeviceSelect } from '@/features/rules/DeviceSelect';
import { Titled } from '@/ui/Facts';
import type { Position } from './api';
import classes from './Geofences.module.css';
import { contains, type Shape } from './shape';

interface Props {
  readonly shape: Shape;
  readonly positions: readonly Position[];
  readonly onAsk: (device: string) => void;
}

/** Which of the devices on the map are within the shape as it is drawn now. */
export function DevicesCard({ shape, positions, onAsk }: Props) {
  return (
    <Titled title="Devices">
      <Stack gap="sm">
        {positions.length === 0 ? (
          <Text size="sm" c="dimmed">
            No device is on the map. Rules know a position by the metrics latitude and longitude.
          </Text>
        ) : (
          <ul className={classes.devices} aria-label="Devices on the map">
            {positions.map((position) => (
              <li key={position.device}>
                {position.device}
                {contains(shape, position) ? (
                  <Badge>inside</Badge>
                ) : (
                  <Text span size="sm" c="dimmed">
                    outside
                  </Text>
                )}
              </li>
            ))}
          </ul>
        )}
        <DeviceSelect
          label="Also show"
          placeholder="A device"
          value={null}
          onChange={(device) => device !== null && onAsk(device)}
        />
      </Stack>
    </Titled>
  );
}
