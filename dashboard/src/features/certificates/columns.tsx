import { Badge, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Expiry } from '@/ui/Expiry';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import type { Certificate } from './api';

/** The first digits of a fingerprint tell certificates apart; all of them are on hover. */
function Fingerprint({ fingerprint }: { readonly fingerprint: string }) {
  return (
    <Text span size="sm" ff="monospace" title={fingerprint}>
      {fingerprint.slice(0, 16)}
    </Text>
  );
}

const FINGERPRINT: Column<Certificate> = {
  label: 'Fingerprint',
  cell: ({ fingerprint }) => <Fingerprint fingerprint={fingerprint} />,
};

const COMMON: readonly Column<Certificate>[] = [
  { label: 'Issuer', quiet: true, cell: ({ issuer, source }) => <span title={source}>{issuer}</span> },
  { label: 'Made', quiet: true, cell: ({ created_at }) => <Ago at={created_at} /> },
];

const ENDS: Column<Certificate> = { label: 'Ends', cell: ({ valid_until }) => <Expiry at={valid_until} /> };

/** Certificates of many devices. */
export const FLEET_COLUMNS: readonly Column<Certificate>[] = [
  {
    label: 'Device',
    cell: ({ device_id, device_name }) => (
      <Link to={`/devices/${device_id}?tab=identity`}>{device_name ?? device_id}</Link>
    ),
  },
  FINGERPRINT,
  ENDS,
  ...COMMON,
];

/** Certificates of one device, ended ones too. */
export const DEVICE_COLUMNS: readonly Column<Certificate>[] = [
  FINGERPRINT,
  { label: 'State', cell: ({ state }) => <State state={state} /> },
  ENDS,
  ...COMMON,
];

const COLORS = { revoked: 'brick', superseded: 'gray', expired: 'gray' } as const;

function State({ state }: { readonly state: Certificate['state'] }) {
  if (state !== 'active') return <Badge color={COLORS[state]}>{state}</Badge>;
  return (
    <Text span size="sm" c="dimmed">
      good
    </Text>
  );
}
