import { Button, Card, CloseButton, Group, Pagination, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { IconDevices, IconPlus, IconSearch, IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useMay } from '@/api/me';
import { FeedBadge } from '@/live/FeedBadge';
import { useFeed } from '@/live/FeedContext';
import { CopyLine } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import classes from './DevicesPage.module.css';
import { BatchDialog } from './BatchDialog';
import { deviceKeys, isLifeCycle, LIFE_CYCLE, useFleet } from './api';
import { DeviceCards } from './DeviceCards';
import { DeviceTable, DeviceTableSkeleton } from './DeviceTable';
import { filterOf, PAGE_SIZE, queryFrom, useFleetView } from './fleetView';
import { registerLine, usePlace } from './lines';
import { withPresence } from './presence';
import { RegisterDialog } from './RegisterDialog';
import { useDeviceTypes } from './types';

/** The whole fleet, one page at a time; the platform does the searching, so that 100,000 devices are no different. */
export function DevicesPage() {
  const [view, change] = useFleetView();
  const [params, setParams] = useSearchParams();
  const query = queryFrom(view);
  const fleet = useFleet(query);
  const may = useMay()('devices:write');
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const queries = useQueryClient();
  const types = useDeviceTypes();
  const devices = fleet.data?.devices ?? [];
  const total = fleet.data?.total_at_least ?? 0;
  const totalWords = `${formatCount(total)}${fleet.data?.total === null ? '+' : ''}`;
  const filtered = Boolean(view.search || view.type || view.status);

  useFeed(devices.length > 0 ? { types: ['device'], devices: devices.map((device) => device.id) } : null, {
    event: (event) => queries.setQueryData(deviceKeys.list(query), withPresence(event)),
    resumed: () => void fleet.refetch(),
  });

  const [registering, setRegistering] = useState(params.has('register'));
  const [batching, setBatching] = useState(false);
  const closeRegister = () => {
    setRegistering(false);
    if (params.has('register')) setParams({}, { replace: true });
  };

  return (
    <Page
      title="Devices"
      lead={fleet.data ? `${totalWords} ${filtered ? 'found' : 'in the fleet'}` : ' '}
      actions={
        <>
          <FeedBadge />
          {may && total > 0 && (
            <Button variant="default" leftSection={<IconStack2 size={16} />} onClick={() => setBatching(true)}>
              Do to many
            </Button>
          )}
          {may && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setRegistering(true)}>
              Register device
            </Button>
          )}
        </>
      }
    >
      <Stack gap="sm">
        <Group gap="sm" wrap="wrap">
          <Search value={view.search} onSearch={(search) => change({ search })} />
          <Select
            aria-label="Type"
            placeholder="Any type"
            data={types}
            value={view.type || null}
            onChange={(type) => change({ type: type ?? '' })}
            clearable
            searchable
            className={classes.filter}
          />
          <Select
            aria-label="Status"
            placeholder="Any status"
            data={[...LIFE_CYCLE]}
            value={view.status || null}
            onChange={(status) => change({ status: isLifeCycle(status) ? status : '' })}
            clearable
            className={classes.filter}
          />
        </Group>
        {fleet.error ? <ProblemNotice failure={fleet.error} retry={() => void fleet.refetch()} /> : null}
        {fleet.isPending ? (
          <DeviceTableSkeleton />
        ) : devices.length > 0 ? (
          narrow ? (
            <DeviceCards devices={devices} />
          ) : (
            <DeviceTable
              devices={devices}
              view={view}
              onSort={(sort) => change({ sort })}
              stale={fleet.isPlaceholderData}
            />
          )
        ) : fleet.data ? (
          <Card>
            {filtered ? <NothingFound onClear={() => change({ search: '', type: '', status: '' })} /> : <NoDevices />}
          </Card>
        ) : null}
        {total > PAGE_SIZE && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {formatCount(query.offset + 1)}–{formatCount(query.offset + devices.length)} of {totalWords}
            </Text>
            <Pagination
              size="sm"
              total={Math.ceil(total / PAGE_SIZE)}
              value={view.page}
              onChange={(page) => change({ page })}
              siblings={narrow ? 0 : 1}
              getControlProps={(control) => ({ 'aria-label': `${control} page` })}
            />
          </Group>
        )}
      </Stack>
      {may && registering && <RegisterDialog onClose={closeRegister} />}
      {batching && <BatchDialog filter={filterOf(view)} onClose={() => setBatching(false)} />}
    </Page>
  );
}

function Search({ value, onSearch }: { readonly value: string; readonly onSearch: (search: string) => void }) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(onSearch, 250);
  const type = (text: string) => {
    setTyped(text);
    search(text.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label="Search devices"
      placeholder="Search by name"
      data-search
      leftSection={<IconSearch size={16} />}
      rightSection={
        typed ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => type('')} />
        ) : (
          <kbd className={classes.key}>/</kbd>
        )
      }
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      style={{ flex: '1 1 240px' }}
    />
  );
}

function NothingFound({ onClear }: { readonly onClear: () => void }) {
  return (
    <Empty icon={IconSearch} title="No device is like that">
      <Button variant="default" mx="auto" onClick={onClear}>
        Show the whole fleet
      </Button>
    </Empty>
  );
}

function NoDevices() {
  return (
    <Empty icon={IconDevices} title="No device yet">
      <Text size="sm" c="dimmed" ta="center">
        Register one with the button above. Or let a device do it by itself, where registration is open:
      </Text>
      <CopyLine text={registerLine(usePlace())} label="register a device" />
      <Text size="sm" c="dimmed" ta="center">
        Or start a pretend home of nine devices:
      </Text>
      <CopyLine text="./iotflow simulate" label="start the simulator" />
    </Empty>
  );
}
