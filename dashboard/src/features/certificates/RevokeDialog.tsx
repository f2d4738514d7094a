import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';
import { type Certificate, type RevocationReason, useRevokeCertificate } from './api';

const REASONS: { value: RevocationReason; label: string }[] = [
  { value: 'unspecified', label: 'None given' },
  { value: 'key_compromise', label: 'Its key is known to others' },
  { value: 'superseded', label: 'Another has taken its place' },
  { value: 'cessation_of_operation', label: 'The device is not used any more' },
  { value: 'affiliation_changed', label: 'The device belongs to somebody else' },
  { value: 'privilege_withdrawn', label: 'The device may not connect any more' },
];

interface Props {
  readonly certificate: Certificate;
  readonly onClose: () => void;
}

export function RevokeDialog({ certificate, onClose }: Props) {
  const revoke = useRevokeCertificate(certificate);
  const [reason, setReason] = useState<RevocationReason>('unspecified');
  return (
    <FormDialog
      title="Revoke a certificate"
      act="Revoke"
      danger
      busy={revoke.isPending}
      failure={revoke.error}
      onSubmit={() => revoke.mutate(reason, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm">
        <strong>{certificate.device_name ?? `Device ${certificate.device_id}`}</strong> cannot come in with it any more,
        and what it has opened is closed. This cannot be undone; the device needs another certificate, or its API key.
      </Text>
      <Select
        label="Reason"
        description="For the list of revoked certificates, which others read."
        data={REASONS}
        value={reason}
        onChange={(next) => next && setReason(next)}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
