import {
  Button,
  FileInput,
  Group,
  Modal,
  Progress,
  Select,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck, IconFileUpload } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useDeviceTypes } from '@/features/devices/types';
import { OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { formatBytes } from '@/ui/format';
import { MONO } from '@/ui/mono';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Image, useKeys } from './api';
import { fromFileName, titleOf } from './image';
import { LARGEST } from './upload';
import { useHash, useUpload } from './useUpload';

interface Props {
  /** An upload to go on with; a new image without it. */
  readonly kept?: Image;
  readonly onClose: () => void;
}

const FRESH = {
  name: '',
  version: '',
  channel: 'stable' as NonNullable<Image['channel']>,
  device_types: [] as string[],
  hardware_versions: [] as string[],
  release_notes: '',
  signature: '',
  expected: '',
  /** Null for the caller's own. */
  organization: null as number | null,
};
type Draft = typeof FRESH;

/** Brings an image to the platform: its file is read here, hashed, announced and sent piece by piece. */
export function UploadDialog({ kept, onClose }: Props) {
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [draft, setDraft] = useState<Draft>(FRESH);
  const hashed = useHash(file);
  const upload = useUpload(kept);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const choose = (next: File | null) => {
    setFile(next);
    if (next && draft.name === '') set(fromFileName(next.name));
  };
  const wrong = file && hashed ? wrongWith(file, hashed.hash, kept, draft.expected) : null;
  const ready =
    !wrong && !!hashed?.hash && (kept !== undefined || (draft.name.trim() !== '' && draft.version.trim() !== ''));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || !file || upload.isPending) return;
    upload.mutate(
      { file, about: aboutOf(draft, file, hashed.hash!) },
      {
        onSuccess: (image) => {
          notifications.show({ title: `${titleOf(image)} is ready`, message: 'It can be offered to devices now.' });
          onClose();
          void navigate(`/firmware/${image.id}`);
        },
      },
    );
  };
  const fixed = upload.isPending || upload.isAnnounced;
  return (
    <Modal
      opened
      onClose={onClose}
      title={kept ? `Go on with ${titleOf(kept)}` : 'Upload an image'}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!upload.isPending}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          {kept && (
            <Text size="sm">
              {formatBytes(kept.uploaded)} of {formatBytes(kept.size)} have arrived. Choose the same file again, and the
              rest is sent.
            </Text>
          )}
          <FileInput
            label="File"
            placeholder="Choose the image"
            leftSection={<IconFileUpload size={16} aria-hidden />}
            value={file}
            onChange={choose}
            disabled={upload.isPending || (upload.isAnnounced && !kept)}
            error={wrong}
            clearable={!fixed}
          />
          {hashed && <Hash size={hashed.file.size} done={hashed.done} hash={hashed.hash} />}
          {hashed?.failure ? <ProblemNotice failure={hashed.failure} /> : null}
          {!kept && (
            <fieldset disabled={fixed} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
              <About draft={draft} set={set} />
            </fieldset>
          )}
          {upload.sent !== null && file && (
            <Sending sent={upload.sent} size={file.size} isOver={upload.isPending && upload.sent >= file.size} />
          )}
          {upload.error ? <ProblemNotice failure={upload.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {upload.isPending ? 'Stop for now' : upload.isAnnounced ? 'Close' : 'Cancel'}
            </Button>
            <Button type="submit" disabled={!ready} loading={upload.isPending}>
              {upload.isAnnounced ? 'Go on' : 'Upload'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function About({ draft, set }: { readonly draft: Draft; readonly set: (change: Partial<Draft>) => void }) {
  const types = useDeviceTypes();
  const mustBeSigned = useKeys().rows.length > 0;
  const own = useOwnOrganization();
  return (
    <Stack gap="sm">
      <Group gap="sm" grow align="flex-start" preventGrowOverflow={false}>
        <TextInput
          label="Name"
          description="What it is for"
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={128}
          autoComplete="off"
          miw={200}
        />
        <TextInput
          label="Version"
          description="As devices report it"
          value={draft.version}
          onChange={(event) => set({ version: event.currentTarget.value })}
          maxLength={64}
          autoComplete="off"
          miw={140}
        />
        <Select
          label="Channel"
          description="How far it is"
          data={['stable', 'beta']}
          value={draft.channel}
          onChange={(next) => set({ channel: next === 'beta' ? 'beta' : 'stable' })}
          allowDeselect={false}
          miw={120}
        />
      </Group>
      <OrganizationSelect
        label="Organization"
        description="It serves this one and those below"
        value={draft.organization ?? own}
        onChange={(organization) => set({ organization })}
      />
      <TagsInput
        label="Device types"
        placeholder={draft.device_types.length === 0 ? 'All' : undefined}
        data={types}
        value={draft.device_types}
        onChange={(device_types) => set({ device_types })}
        maxTags={100}
      />
      <TagsInput
        label="Hardware versions"
        placeholder={draft.hardware_versions.length === 0 ? 'All' : undefined}
        value={draft.hardware_versions}
        onChange={(hardware_versions) => set({ hardware_versions })}
        maxTags={100}
      />
      <Textarea
        label="Release notes"
        value={draft.release_notes}
        onChange={(event) => set({ release_notes: event.currentTarget.value })}
        maxLength={10_000}
        autosize
        minRows={2}
        maxRows={8}
      />
      <TextInput
        label="Signature"
        description={
          mustBeSigned
            ? 'Base64, by one of the signing keys: of the image for ECDSA, of its SHA-256 for Ed25519.'
            : 'Base64. Not needed, because no signing key is registered.'
        }
        value={draft.signature}
        onChange={(event) => set({ signature: event.currentTarget.value })}
        spellCheck={false}
        autoComplete="off"
        styles={MONO}
      />
      <TextInput
        label="SHA-256 that it should have"
        description="If its maker has told one, the file is compared with it."
        value={draft.expected}
        onChange={(event) => set({ expected: event.currentTarget.value })}
        spellCheck={false}
        autoComplete="off"
        styles={MONO}
      />
    </Stack>
  );
}

function Hash({ size, done, hash }: { readonly size: number; readonly done: number; readonly hash: string | null }) {
  if (hash) {
    return (
      <Group gap={8} wrap="nowrap" align="flex-start">
        <IconCheck size={16} color="var(--good)" style={{ flex: 'none', marginTop: 2 }} aria-hidden />
        <Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }} aria-label="SHA-256 of the file">
          SHA-256 {hash}
        </Text>
      </Group>
    );
  }
  return (
    <div role="status">
      <Text size="xs" c="dimmed" mb={4}>
        Reading the file: {formatBytes(done)} of {formatBytes(size)}
      </Text>
      <Progress value={size === 0 ? 0 : (done / size) * 100} size="sm" aria-label="Read" />
    </div>
  );
}

function Sending({ sent, size, isOver }: { readonly sent: number; readonly size: number; readonly isOver: boolean }) {
  return (
    <div role="status">
      <Text size="sm" mb={4}>
        {isOver
          ? 'All has arrived; the platform checks it.'
          : `${formatBytes(sent)} of ${formatBytes(size)} have arrived`}
      </Text>
      <Progress value={(sent / size) * 100} animated={isOver} aria-label="Sent" />
    </div>
  );
}

/** Why a file cannot be the image. */
export function wrongWith(
  file: Pick<File, 'size'>,
  hash: string | null,
  kept: Pick<Image, 'size' | 'sha256'> | undefined,
  expected: string,
): string | null {
  if (file.size === 0) return 'The file is empty.';
  if (file.size > LARGEST) return `An image has at most ${formatBytes(LARGEST)}.`;
  if (kept && file.size !== kept.size) return `Another file: this one has ${file.size} bytes, the image ${kept.size}.`;
  if (hash === null) return null;
  if (kept && hash !== kept.sha256) return 'Another file: its SHA-256 is not the one that was announced.';
  const wanted = expected.trim().toLowerCase();
  if (wanted !== '' && wanted !== hash) return 'The SHA-256 of this file is not the one that it should have.';
  return null;
}

const aboutOf = (draft: Draft, file: File, sha256: string) => ({
  name: draft.name.trim(),
  version: draft.version.trim(),
  channel: draft.channel,
  device_types: draft.device_types,
  hardware_versions: draft.hardware_versions,
  release_notes: draft.release_notes,
  size: file.size,
  sha256,
  ...(draft.organization === null ? {} : { organization_id: draft.organization }),
  ...(draft.signature.trim() === '' ? {} : { signature: draft.signature.trim() }),
});
