import { Button, Select } from '@mantine/core';
import { IconCertificate, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import { type Certificate, useCertificates } from './api';
import { FLEET_COLUMNS } from './columns';
import { RevokeDialog } from './RevokeDialog';

const TIMES = [
  { value: '', label: 'All that are good' },
  { value: '+7d', label: 'Ending within 7 days' },
  { value: '+30d', label: 'Ending within 30 days' },
  { value: '+90d', label: 'Ending within 90 days' },
];

/** The certificates by which devices come in, the first to end first. */
export function CertificatesPage() {
  const [before, setBefore] = useState('');
  const certificates = useCertificates(before);
  const mayWrite = useMay()('credentials:write');
  const [revoking, setRevoking] = useState<Certificate | null>(null);
  return (
    <Page
      title="Certificates"
      lead="By which devices come in, the first to end first. A device's own are on its page, under Identity."
      actions={
        <Button
          component="a"
          href="/api/v1/certificates/ca"
          download="iotflow-ca.pem"
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Authority
        </Button>
      }
    >
      <Select
        aria-label="Which certificates"
        data={TIMES}
        value={before}
        onChange={(next) => setBefore(next ?? '')}
        allowDeselect={false}
        maw={280}
      />
      <List
        label="Certificates"
        pages={certificates}
        columns={FLEET_COLUMNS}
        keyOf={(certificate) => certificate.fingerprint}
        actions={
          mayWrite
            ? (certificate) => (
                <RowMenu
                  name={certificate.device_name ?? certificate.fingerprint}
                  acts={[{ label: 'Revoke', danger: true, run: () => setRevoking(certificate) }]}
                />
              )
            : undefined
        }
        empty={
          <Empty icon={IconCertificate} title={before ? 'None ends that soon' : 'No device has a certificate'}>
            {before
              ? 'Devices renew their certificates by themselves.'
              : 'Issue one on a device’s page, under Identity; or let devices claim theirs with a provisioning key.'}
          </Empty>
        }
      />
      {revoking && <RevokeDialog certificate={revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}
