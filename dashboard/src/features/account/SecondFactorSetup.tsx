import { Anchor, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { CopyLine } from '@/ui/CopyLine';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { QrCode } from '@/ui/QrCode';
import { saveText } from '@/ui/save';
import { OnlyOnce } from '@/ui/ShownOnce';
import classes from './Account.module.css';
import { useConfirmSecondFactor, useStartSecondFactor } from './api';

/** Turns the second factor on: a secret for the authenticator, a first code from it, then the recovery codes. */
export function SecondFactorSetup({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const confirm = useConfirmSecondFactor();
  const codes = confirm.data?.recovery_codes;
  return (
    <Modal
      opened
      onClose={onClose}
      title={codes ? 'The second factor is on' : 'Set up a second factor'}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!codes}
    >
      {codes ? (
        <RecoveryCodes name={name} codes={codes} onClose={onClose} />
      ) : (
        <Scan confirm={confirm} onClose={onClose} />
      )}
    </Modal>
  );
}

interface ScanProps {
  readonly confirm: ReturnType<typeof useConfirmSecondFactor>;
  readonly onClose: () => void;
}

function Scan({ confirm, onClose }: ScanProps) {
  const start = useStartSecondFactor();
  const [code, setCode] = useState('');
  const { mutate } = start;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  if (start.error) return <ProblemNotice failure={start.error} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate(code.replaceAll(/\s/g, ''));
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <div className={classes.scan}>
          {start.data ? (
            <QrCode text={start.data.uri} label="QR code for the authenticator" />
          ) : (
            <Skeleton width={208} height={208} />
          )}
          <Stack gap="sm">
            <Text size="sm">
              Scan this with an authenticator: an app on your phone or a password manager that shows one-time codes.
              From then on signing in takes its code as well as your password.
            </Text>
            {start.data && (
              <>
                <CopyLine titled label="Or type the secret by hand" text={start.data.secret} />
                <Anchor href={start.data.uri} size="sm">
                  Open in an authenticator on this device
                </Anchor>
              </>
            )}
          </Stack>
        </div>
        <TextInput
          label="Code"
          description="What the authenticator shows now, to see that it works."
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="one-time-code"
          inputMode="numeric"
          data-autofocus
        />
        {confirm.error ? <ProblemNotice failure={confirm.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!start.data || code.trim() === ''} loading={confirm.isPending}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface CodesProps {
  readonly name: string;
  readonly codes: readonly string[];
  readonly onClose: () => void;
}

/** Without them, a lost phone means that somebody else has to take the second factor away. */
function RecoveryCodes({ name, codes, onClose }: CodesProps) {
  const save = () => {
    const text = `Recovery codes of ${name} at ${location.origin}, each good once:\n\n${codes.join('\n')}\n`;
    saveText(text, 'text/plain', `iotflow-recovery-codes-${name}.txt`);
  };
  return (
    <Stack gap="md">
      <OnlyOnce what="the recovery codes are" />
      <Text size="sm">
        Each is good once instead of a code, for the day when the authenticator is lost. Keep them where the password is
        not.
      </Text>
      <CopyLine label="recovery codes" text={codes.join('\n')} />
      <Group justify="flex-end">
        <Button variant="default" onClick={save}>
          Save as a file
        </Button>
        <Button onClick={onClose}>I have kept them</Button>
      </Group>
    </Stack>
  );
}
