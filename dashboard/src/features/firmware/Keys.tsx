import { Text, Textarea, TextInput } from '@mantine/core';
import { IconSignature } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { OrganizationName } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { CopyButton } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { FormDialog } from '@/ui/FormDialog';
import { List } from '@/ui/List';
import { MONO } from '@/ui/mono';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type FirmwareKey, useKeys, useRegisterKey, useRemoveKey } from './api';

const ALGORITHMS = { ed25519: 'Ed25519', ecdsa: 'ECDSA' } as const;

const COLUMNS: readonly Column<FirmwareKey>[] = [
  { label: 'Name', cell: ({ name }) => name },
  { label: 'Algorithm', cell: ({ algorithm }) => ALGORITHMS[algorithm] },
  {
    label: 'Public key',
    quiet: true,
    cell: ({ name, public_key }) => (
      <span style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
        <Text span size="xs" ff="monospace">
          {public_key.slice(-16)}
        </Text>
        <CopyButton text={public_key} label={`public key ${name}`} />
      </span>
    ),
  },
  { label: 'Organization', quiet: true, cell: ({ organization_id }) => <OrganizationName id={organization_id} /> },
  { label: 'Registered', quiet: true, cell: ({ created_at }) => <Ago at={created_at} /> },
];

/** The keys by which firmware must be signed, as soon as there is one. */
export function Keys() {
  const mayWrite = useMay()('firmware_keys:write');
  const [removed, setRemoved] = useState<FirmwareKey | null>(null);
  return (
    <>
      <List
        label="Signing keys"
        pages={useKeys()}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        actions={(key) =>
          mayWrite && <RowMenu name={key.name} acts={[{ label: 'Remove', danger: true, run: () => setRemoved(key) }]} />
        }
        empty={
          <Empty icon={IconSignature} title="Firmware need not be signed">
            As soon as a key is registered, only images that it has signed are offered to devices.
          </Empty>
        }
      />
      {removed && <RemoveDialog signingKey={removed} onClose={() => setRemoved(null)} />}
    </>
  );
}

export function RegisterKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const register = useRegisterKey();
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  return (
    <FormDialog
      title="Register a signing key"
      act="Register"
      ready={name.trim() !== '' && key.trim() !== ''}
      busy={register.isPending}
      failure={register.error}
      size="lg"
      onSubmit={() => register.mutate({ name: name.trim(), public_key: key.trim() }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm">
        From then on firmware of the organization, and of those below it, must be signed. Images that no registered key
        has signed are not offered any more, also those that were uploaded before.
      </Text>
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <Textarea
        label="Public key"
        description="Ed25519, or ECDSA on P-256, P-384 or P-521, as PEM. The private key stays with you."
        placeholder="-----BEGIN PUBLIC KEY-----"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        maxLength={2000}
        rows={5}
        spellCheck={false}
        styles={MONO}
      />
    </FormDialog>
  );
}

function RemoveDialog({ signingKey, onClose }: { readonly signingKey: FirmwareKey; readonly onClose: () => void }) {
  const remove = useRemoveKey();
  return (
    <Confirm
      title="Remove a signing key"
      act="Remove"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(signingKey.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      What <strong>{signingKey.name}</strong> has signed is not offered to devices any more. If it is the last key,
      firmware need not be signed at all.
    </Confirm>
  );
}
