import { Badge, Button, Text } from '@mantine/core';
import { IconPlus, IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { OrganizationName } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type DeviceType, useDeleteType, useTypes } from './api';

const COLUMNS: readonly Column<DeviceType>[] = [
  {
    label: 'Name',
    cell: (type) => (
      <>
        <Link to={`/device-types/${type.id}`}>{type.name}</Link>
        {type.description && (
          <Text size="sm" c="dimmed" fw={400}>
            {type.description}
          </Text>
        )}
      </>
    ),
  },
  { label: 'Metrics', cell: (type) => type.metrics.map(({ name }) => name).join(', ') || '–' },
  { label: 'Decoder', quiet: true, cell: (type) => (type.decoder ? 'yes' : '–') },
  {
    label: 'Organization',
    quiet: true,
    cell: (type) =>
      type.inherited ? <Badge color="gray">from above</Badge> : <OrganizationName id={type.organization_id} />,
  },
  { label: 'Changed', quiet: true, cell: (type) => <Ago at={type.updated_at} /> },
];

/** The catalogue: what devices of a type measure, and how they are treated. */
export function TypesPage() {
  const mayWrite = useMay()('devices:write');
  const navigate = useNavigate();
  const [removed, setRemoved] = useState<DeviceType | null>(null);
  return (
    <Page
      title="Device types"
      lead="What devices of a type measure, in which units and bounds, and how their payloads are read."
      actions={
        mayWrite && (
          <Button component={Link} to="/device-types/new" leftSection={<IconPlus size={16} />}>
            New device type
          </Button>
        )
      }
    >
      <List
        label="Device types"
        pages={useTypes()}
        columns={COLUMNS}
        keyOf={(type) => type.id}
        actions={(type) =>
          mayWrite &&
          !type.inherited && (
            <RowMenu
              name={type.name}
              acts={[
                { label: 'Edit', run: () => void navigate(`/device-types/${type.id}`) },
                { label: 'Delete', danger: true, run: () => setRemoved(type) },
              ]}
            />
          )
        }
        empty={
          <Empty icon={IconTag} title="The catalogue is empty">
            Devices work without it. A type gives units and bounds to what its devices measure, reads payloads that are
            no JSON, and brings rules along.
          </Empty>
        }
      />
      {removed && <DeleteDialog type={removed} onClose={() => setRemoved(null)} />}
    </Page>
  );
}

function DeleteDialog({ type, onClose }: { readonly type: DeviceType; readonly onClose: () => void }) {
  const remove = useDeleteType();
  return (
    <Confirm
      title="Delete a device type"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(type.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Devices of the type <strong>{type.name}</strong> go on without units, bounds and decoder. Rules that came with it
      stay.
    </Confirm>
  );
}
