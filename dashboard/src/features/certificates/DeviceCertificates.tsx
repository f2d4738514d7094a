import { Button, Card, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '@/api/me';
import type { Device } from '@/features/devices/api';
import { CopyLine } from '@/ui/CopyLine';
import { FormDialog } from '@/ui/FormDialog';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { RowMenu } from '@/ui/RowMenu';
import { Rows } from '@/ui/Rows';
import { type Certificate, useAddCertificate, useDeviceCertificates } from './api';
import { DEVICE_COLUMNS } from './columns';
import { RevokeDialog } from './RevokeDialog';

/** The certificates of one device. */
export function DeviceCertificates({ device }: { readonly device: Device }) {
  const certificates = useDeviceCertificates(device.id);
  const mayWrite = useMay()('credentials:write') && device.status !== 'decommissioned';
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Certificate | null>(null);
  const rows = certificates.data ?? [];
  if (rows.length === 0 && !mayWrite && !certificates.error) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Certificates">
      <Group justify="space-between">
        <Text component="h2" fw={550} m={0}>
          Certificates
        </Text>
        {mayWrite && (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            Add a certificate
          </Button>
        )}
      </Group>
      {certificates.error ? (
        <ProblemNotice failure={certificates.error} retry={() => void certificates.refetch()} />
      ) : rows.length > 0 ? (
        <Rows
          label="Certificates"
          columns={DEVICE_COLUMNS}
          rows={rows}
          keyOf={(certificate) => certificate.fingerprint}
          actions={
            mayWrite
              ? (certificate) => (
                  <RowMenu
                    name={certificate.fingerprint}
                    acts={[
                      certificate.state === 'active' && {
                        label: 'Revoke',
                        danger: true,
                        run: () => setRevoking(certificate),
                      },
                    ]}
                  />
                )
              : undefined
          }
        />
      ) : (
        <Card>
          <Text size="sm" c="dimmed">
            None. The device comes in by its API key.
          </Text>
        </Card>
      )}
      {adding && <AddDialog device={device} onClose={() => setAdding(false)} />}
      {revoking && <RevokeDialog certificate={revoking} onClose={() => setRevoking(null)} />}
    </Stack>
  );
}

/** Issues a certificate for a request that the device has signed, or registers one from elsewhere. */
function AddDialog({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) {
  const add = useAddCertificate(device.id);
  const [way, setWay] = useState<'csr' | 'certificate'>('csr');
  const [pem, setPem] = useState('');
  const made = add.data;
  if (made && 'certificate_pem' in made) {
    const { certificate_pem, chain_pem } = made;
    return (
      <Modal opened onClose={onClose} title={`The certificate of ${device.name}`} size="lg" closeOnClickOutside={false}>
        <Stack gap="md">
          <Text size="sm">Give both to the device; its key has never left it. They are not shown again.</Text>
          <CopyLine titled label="Certificate" text={certificate_pem.trim()} />
          <CopyLine titled label="Those above it" text={chain_pem.trim()} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  const isRequest = way === 'csr';
  return (
    <FormDialog
      title="Add a certificate"
      act={isRequest ? 'Issue' : 'Register'}
      size="lg"
      ready={pem.includes('-----BEGIN')}
      busy={add.isPending}
      failure={add.error}
      onSubmit={() =>
        add.mutate(isRequest ? { csr: pem } : { certificate: pem }, { onSuccess: () => !isRequest && onClose() })
      }
      onClose={onClose}
    >
      <Radio.Group value={way} onChange={(next) => setWay(next as typeof way)} aria-label="Which kind">
        <Stack gap={8}>
          <Radio value="csr" label="Issue one for a request (CSR) that the device has signed" />
          <Radio value="certificate" label="Register one that an authority has issued which the platform trusts" />
        </Stack>
      </Radio.Group>
      <Textarea
        label={isRequest ? 'Request in PEM' : 'Certificate in PEM'}
        value={pem}
        onChange={(event) => setPem(event.currentTarget.value)}
        rows={9}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.78rem' } }}
        placeholder={`-----BEGIN CERTIFICATE${isRequest ? ' REQUEST' : ''}-----`}
        data-autofocus
      />
      {isRequest && (
        <CopyLine
          titled
          label="Make a key and a request, on the device"
          text={`openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout device.key -subj '/CN=${device.name}'`}
        />
      )}
    </FormDialog>
  );
}
