import { Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useParams, useSearchParams } from 'react-router';
import { useMay } from '@/api/me';
import { DeviceAlerts } from '@/features/alerts/AlertLines';
import { type Device, type DeviceDetail, deviceKeys, useDevice } from '@/features/devices/api';
import { stateOf } from '@/features/devices/presence';
import { DeviceFirmware } from '@/features/firmware/DeviceFirmware';
import { Sensors } from '@/features/sensors/Sensors';
import { Shadow } from '@/features/shadow/Shadow';
import { Timeline } from '@/features/timeline/Timeline';
import type { FeedEvent } from '@/live/feed';
import { FeedBadge } from '@/live/FeedBadge';
import { Back } from '@/ui/Back';
import { Page } from '@/ui/Page';
import { Presence, Status } from '@/ui/Presence';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { TabList } from '@/ui/TabList';
import { Ago } from '@/ui/Time';
import { CommandHistory } from './CommandHistory';
import { Configuration } from './Configuration';
import { DeviceActions } from './DeviceActions';
import { Identity } from './Identity';
import { Measurements } from './Measurements';
import { useDeviceStream } from './stream';
import { Trace } from './Trace';

const TABS = [
  'measurements',
  'timeline',
  'sensors',
  'commands',
  'shadow',
  'configuration',
  'firmware',
  'identity',
  'trace',
] as const;

/** One device: what it is, what it measures, how it is configured, and what can be done with it. */
export function DevicePage() {
  const key = useParams().device!;
  const found = useDevice(key);
  const device = found.data?.device;
  const back = <Back to="/devices">Devices</Back>;
  if (found.error && !device) {
    return (
      <Page title="Device" above={back}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!device) {
    return (
      <Stack gap="lg" aria-busy aria-label="Loading the device">
        {back}
        <Skeleton height={28} width={240} />
        <Skeleton height={260} />
      </Stack>
    );
  }
  return <Known key={device.id} path={key} detail={found.data!} back={back} />;
}

interface KnownProps {
  readonly path: string;
  readonly detail: DeviceDetail;
  readonly back: React.ReactNode;
}

function Known({ path, detail, back }: KnownProps) {
  const { device } = detail;
  const queries = useQueryClient();
  const [params, setParams] = useSearchParams();
  const mayFirmware = useMay()('firmware:read');
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'measurements';

  const onDevice = (event: FeedEvent) =>
    queries.setQueryData<DeviceDetail>(
      deviceKeys.one(path),
      (known) => known && { ...known, device: { ...known.device, ...stateOf(event) } },
    );
  const onResumed = () => {
    void queries.invalidateQueries({ queryKey: deviceKeys.one(path) });
    void queries.invalidateQueries({ queryKey: ['telemetry', device.id] });
  };
  const stream = useDeviceStream(device.id, onDevice, onResumed);
  return (
    <Page
      title={device.name}
      above={back}
      lead={<Lead device={device} />}
      actions={
        <>
          <FeedBadge />
          {device.status !== 'decommissioned' && <DeviceActions path={path} device={device} />}
        </>
      }
    >
      <DeviceAlerts device={device.id} />
      <Tabs
        value={tab}
        onChange={(next) => setParams(next === 'measurements' || !next ? {} : { tab: next }, { replace: true })}
      >
        <TabList mb="md">
          <Tabs.Tab value="measurements">Measurements</Tabs.Tab>
          <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
          <Tabs.Tab value="commands">Commands</Tabs.Tab>
          <Tabs.Tab value="shadow">Shadow</Tabs.Tab>
          <Tabs.Tab value="sensors">Sensors</Tabs.Tab>
          <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
          {mayFirmware && <Tabs.Tab value="firmware">Firmware</Tabs.Tab>}
          <Tabs.Tab value="identity">Identity</Tabs.Tab>
          <Tabs.Tab value="trace">Trace</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="measurements">
          <Measurements device={device} stream={stream} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">{tab === 'timeline' && <Timeline device={device.id} />}</Tabs.Panel>
        <Tabs.Panel value="commands">{tab === 'commands' && <CommandHistory device={device.id} />}</Tabs.Panel>
        <Tabs.Panel value="shadow">{tab === 'shadow' && <Shadow device={device} />}</Tabs.Panel>
        <Tabs.Panel value="sensors">
          <Sensors device={device.id} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <Configuration path={path} detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="firmware">{mayFirmware && <DeviceFirmware device={device} />}</Tabs.Panel>
        <Tabs.Panel value="identity">
          <Identity detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="trace">
          <Trace device={device.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Lead({ device }: { readonly device: Device }) {
  return (
    <Group gap="md" style={{ rowGap: 6 }}>
      <Presence online={device.is_online} />
      {device.status !== 'active' && <Status status={device.status} />}
      <span>{device.device_type}</span>
      {device.location && <span>{device.location}</span>}
      <Text span size="sm" inherit>
        seen <Ago at={device.last_seen} />
      </Text>
    </Group>
  );
}
