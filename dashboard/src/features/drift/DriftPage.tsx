import { IconAdjustmentsCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { driftWords } from '@/features/device/drift';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type Drifting, useDrifting } from './api';

/** Which devices do not have the configuration that they should, and why. */
export function DriftPage() {
  return (
    <Page
      title="Configuration drift"
      lead="Devices that have another configuration than they should, refuse it, or have not confirmed it in time."
    >
      <List
        label="Drifting devices"
        pages={useDrifting()}
        columns={COLUMNS}
        keyOf={({ device_id }) => device_id}
        empty={
          <Empty icon={IconAdjustmentsCheck} title="No device drifts">
            Each device that was given a configuration has confirmed it, or still has time to.
          </Empty>
        }
      />
    </Page>
  );
}

const COLUMNS: readonly Column<Drifting>[] = [
  {
    label: 'Device',
    cell: ({ device_id, device_name }) => <Link to={`/devices/${device_id}?tab=configuration`}>{device_name}</Link>,
  },
  { label: 'Type', cell: ({ device_type }) => device_type },
  { label: 'What is wrong', cell: driftWords },
  { label: 'Since', cell: ({ drift_since }) => <Ago at={drift_since} /> },
  { label: 'Told', quiet: true, cell: ({ changed_at }) => <Ago at={changed_at} /> },
];
