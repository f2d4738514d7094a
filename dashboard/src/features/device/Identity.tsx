import { Card, Stack, Table, Text } from '@mantine/core';
import { DeviceCertificates } from '@/features/certificates/DeviceCertificates';
import type { DeviceDetail } from '@/features/devices/api';
import { curlLine, mosquittoLine, usePlace } from '@/features/devices/lines';
import { Columns } from '@/ui/Columns';
import { CopyLine } from '@/ui/CopyLine';
import { type Fact, Facts } from '@/ui/Facts';
import { formatCount, formatValue } from '@/ui/format';
import { Moment } from '@/ui/Time';

/** Who the device is, which keys it has had, and how it speaks to the platform. */
export function Identity({ detail }: { readonly detail: DeviceDetail }) {
  const { device, auth_records: keys } = detail;
  const place = usePlace();
  const rows: Fact[] = [
    ['Id', <code key="id">{device.id}</code>],
    ['Name', device.name],
    ['Type', device.device_type],
    ['Status', device.status],
    ['Description', device.description || '–'],
    ['Location', device.location || '–'],
    ['Firmware', device.firmware_version || '–'],
    ['Hardware', device.hardware_version || '–'],
    ['Registered', <Moment key="created" at={device.created_at} />],
    ['Last seen', <Moment key="seen" at={device.last_seen} absent="never" />],
    ['Messages', formatCount(device.telemetry_count)],
    ['Capabilities', device.capabilities.join(', ') || '–'],
    ...Object.entries(device.metadata).map(([key, value]): Fact => [key, formatValue(value)]),
  ];
  return (
    <Stack gap="md">
      <Columns from="md">
        <Card>
          <Text component="h2" fw={550} m={0} mb="xs">
            Identity
          </Text>
          <Facts rows={rows} />
        </Card>
        <Stack gap="md">
          <Card>
            <Text component="h2" fw={550} m={0} mb="sm">
              Send a measurement
            </Text>
            <Stack gap="sm">
              <CopyLine titled label="Over MQTT" text={mosquittoLine(place, device, 'API_KEY')} />
              <CopyLine titled label="Over HTTP" text={curlLine(place, 'API_KEY')} />
            </Stack>
          </Card>
          {keys.length > 0 && (
            <Card>
              <Text component="h2" fw={550} m={0} mb="xs">
                Keys
              </Text>
              <Table verticalSpacing={7} horizontalSpacing={0}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Made</Table.Th>
                    <Table.Th>Valid until</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {keys.map((key) => (
                    <Table.Tr key={key.id}>
                      <Table.Td>
                        <Moment at={key.created_at} />
                      </Table.Td>
                      <Table.Td>
                        {key.active ? <Moment at={key.expires_at} absent="the next rotation" /> : 'revoked'}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Card>
          )}
        </Stack>
      </Columns>
      <DeviceCertificates device={device} />
    </Stack>
  );
}
