import { Autocomplete, Badge, Button, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTicket } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useDeviceTypes } from '@/features/devices/types';
import { OrganizationName } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { CopyLine } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { Expiry } from '@/ui/Expiry';
import { FormDialog } from '@/ui/FormDialog';
import { formatCount } from '@/ui/format';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { ShownOnce } from '@/ui/ShownOnce';
import { Ago } from '@/ui/Time';
import { type ProvisioningKey, useCreateProvisioningKey, useProvisioningKeys, useRevokeProvisioningKey } from './api';

/** Keys with which devices register themselves, so many of them, until a day. */
export function ProvisioningPage() {
  const keys = useProvisioningKeys();
  const mayWrite = useMay()('credentials:write');
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ProvisioningKey | null>(null);
  const actions = (key: ProvisioningKey) => (
    <RowMenu
      name={key.name}
      acts={[key.state !== 'revoked' && { label: 'Revoke', danger: true, run: () => setRevoking(key) }]}
    />
  );
  return (
    <Page
      title="Provisioning keys"
      lead="One key for a batch of devices: each registers itself with it and gets a key of its own."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
            New key
          </Button>
        )
      }
    >
      <List
        label="Provisioning keys"
        pages={keys}
        columns={COLUMNS}
        keyOf={(key) => key.id}
        actions={mayWrite ? actions : undefined}
        empty={
          <Empty icon={IconTicket} title="No provisioning key yet">
            Make one before a batch leaves the factory. Where registration is not open, devices can come no other way by
            themselves.
          </Empty>
        }
      />
      {creating && <NewKeyDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog provisioningKey={revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}

const COLUMNS: readonly Column<ProvisioningKey>[] = [
  { label: 'Name', cell: (key) => key.name },
  { label: 'State', cell: (key) => <State state={key.state} /> },
  { label: 'Devices', cell: (key) => <Used provisioningKey={key} /> },
  { label: 'Type', cell: (key) => key.device_type ?? 'any' },
  { label: 'Organization', cell: (key) => <OrganizationName id={key.organization_id} /> },
  { label: 'Ends', cell: (key) => <Expiry at={key.expires_at} /> },
  { label: 'Made', quiet: true, cell: (key) => <Ago at={key.created_at} /> },
];

const STATES = {
  active: null,
  revoked: ['brick', 'revoked'],
  expired: ['gray', 'ended'],
  used_up: ['gray', 'used up'],
} as const;

function State({ state }: { readonly state: ProvisioningKey['state'] }) {
  const shown = STATES[state];
  if (!shown) {
    return (
      <Text span size="sm" c="dimmed">
        good
      </Text>
    );
  }
  return <Badge color={shown[0]}>{shown[1]}</Badge>;
}

function Used({ provisioningKey: { used, max_devices } }: { readonly provisioningKey: ProvisioningKey }) {
  return (
    <span title={`${formatCount(used)} of ${formatCount(max_devices)} have registered`}>
      {formatCount(max_devices - used)} left of {formatCount(max_devices)}
    </span>
  );
}

const TIMES = [
  { value: '', label: 'Never' },
  { value: '+1d', label: 'In a day' },
  { value: '+30d', label: 'In 30 days' },
  { value: '+365d', label: 'In a year' },
];

function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const create = useCreateProvisioningKey();
  const types = useDeviceTypes();
  const [name, setName] = useState('');
  const [type, setType] = useState('');
  const [most, setMost] = useState<number | string>(100);
  const [ends, setEnds] = useState('+365d');
  const made = create.data?.provisioning_key;
  if (made) {
    const body = JSON.stringify({ name: 'my-device', ...(made.device_type ? {} : { device_type: 'sensor' }) });
    const line =
      `curl -X POST ${location.origin}/api/v1/devices/register -H 'X-Provisioning-Key: ${made.key}' ` +
      `-H 'Content-Type: application/json' -d '${body}'`;
    return (
      <ShownOnce title={`The key ${made.name}`} what="the key is" onClose={onClose}>
        <CopyLine titled label="Provisioning key" text={made.key} />
        <CopyLine titled label="A device registers itself" text={line} />
      </ShownOnce>
    );
  }
  return (
    <FormDialog
      title="New provisioning key"
      act="Create"
      ready={name.trim() !== '' && typeof most === 'number' && most >= 1}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() =>
        create.mutate({
          name: name.trim(),
          device_type: type.trim() || null,
          max_devices: Number(most),
          expires_at: ends || null,
        })
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Which batch it is for."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        required
        withAsterisk={false}
        data-autofocus
      />
      <NumberInput
        label="Devices at the most"
        value={most}
        onChange={setMost}
        min={1}
        max={1_000_000}
        allowDecimal={false}
        thousandSeparator=","
      />
      <Autocomplete
        label="Type"
        description="Of every device; empty if each says its own."
        data={types}
        value={type}
        onChange={setType}
        maxLength={128}
      />
      <Select
        label="Ends"
        data={TIMES}
        value={ends}
        onChange={(next) => next !== null && setEnds(next)}
        allowDeselect={false}
      />
    </FormDialog>
  );
}

interface RevokeProps {
  readonly provisioningKey: ProvisioningKey;
  readonly onClose: () => void;
}

function RevokeDialog({ provisioningKey: { id, name, used }, onClose }: RevokeProps) {
  const revoke = useRevokeProvisioningKey();
  return (
    <Confirm
      title="Revoke a provisioning key"
      act="Revoke"
      danger
      busy={revoke.isPending}
      failure={revoke.error}
      onConfirm={() => revoke.mutate(id, { onSuccess: onClose })}
      onClose={onClose}
    >
      No device can register with <strong>{name}</strong> any more.{' '}
      {used > 0 ? `The ${formatCount(used)} that have done so stay, with keys of their own.` : 'None has done so.'}
    </Confirm>
  );
}
