import { Button, Card, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { objectIn } from '@/editor/json';
import { Confirm } from '@/ui/Confirm';
import { formatCount } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import {
  type Change,
  type SharedOwner,
  useActivate,
  useCreate,
  useDeactivate,
  useValues,
  useVersions,
  type Version,
} from './api';
import { changesBetween } from './changes';
import { Changes, ConfigurationVersions, Difference } from './ConfigurationVersions';
import { JsonField, mistakesOf } from './JsonField';

interface Props {
  readonly owner: SharedOwner;
  /** How many devices it is for; unknown while it is asked, null where nobody can count them. */
  readonly devices: number | null | undefined;
}

/** What a type or a group gives its devices: written as JSON, looked at before it is activated, and its versions. */
export function SharedConfiguration({ owner, devices }: Props) {
  const may = useMay()('configurations:write');
  const versions = useVersions(owner);
  const active = versions.rows.find(({ state }) => state === 'active')?.version ?? 0;
  const values = useValues(owner, active === 0 ? null : active);
  const [asked, setAsked] = useState<Version | 'nothing' | null>(null);
  if (versions.failure) return <ProblemNotice failure={versions.failure} retry={versions.retry} />;
  if (versions.isPending || (active !== 0 && values.isPending)) return <Skeleton height={240} />;
  return (
    <Stack gap="md">
      {values.error ? <ProblemNotice failure={values.error} retry={() => void values.refetch()} /> : null}
      <Editor
        key={active}
        owner={owner}
        devices={devices}
        active={active}
        values={values.data ?? {}}
        readOnly={!may}
        onDeactivate={active === 0 ? null : () => setAsked('nothing')}
      />
      <ConfigurationVersions owner={owner} onActivate={setAsked} />
      {asked === 'nothing' && <DeactivateDialog owner={owner} devices={devices} onClose={() => setAsked(null)} />}
      {asked && asked !== 'nothing' && (
        <ActivateDialog
          owner={owner}
          devices={devices}
          active={active}
          version={asked}
          onClose={() => setAsked(null)}
        />
      )}
    </Stack>
  );
}

interface EditorProps extends Props {
  readonly active: number;
  readonly values: Record<string, unknown>;
  readonly readOnly: boolean;
  readonly onDeactivate: (() => void) | null;
}

function Editor({ owner, devices, active, values, readOnly, onDeactivate }: EditorProps) {
  const create = useCreate(owner);
  const before = JSON.stringify(values, null, 2);
  const [text, setText] = useState(before);
  const [note, setNote] = useState('');
  /** What is looked at before it is activated. */
  const [reviewed, setReviewed] = useState<readonly Change[] | null>(null);
  const read = objectIn(text).object;
  const changes = read ? changesBetween(values, read) : [];
  const refused = mistakesOf(create.error, 'configuration', text);
  const save = (activate: boolean) =>
    create.mutate(
      { configuration: read!, note: note.trim(), activate, active },
      {
        onSuccess: ({ version }) => {
          setReviewed(null);
          setNote('');
          notifications.show(
            activate
              ? { title: `Version ${version} is active`, message: 'Its devices are told one after the other.' }
              : { title: `Version ${version} is kept as a draft`, message: 'No device is told of it.' },
          );
        },
        // Shown beside the text, at the place that is meant.
        onError: () => setReviewed(null),
      },
    );
  const ready = read !== undefined && !readOnly && (changes.length > 0 || active === 0);
  return (
    <Card>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Text component="h2" fw={550} m={0}>
            {active === 0 ? 'No version is active' : `Version ${active} is active`}
          </Text>
          {onDeactivate && !readOnly && (
            <Button variant="default" size="xs" onClick={onDeactivate}>
              Deactivate
            </Button>
          )}
        </Group>
        <JsonField
          label="Configuration"
          description="The value of each key, as JSON; null takes away what is inherited from outside."
          value={text}
          onChange={(next) => {
            setText(next);
            if (create.error) create.reset();
          }}
          readOnly={readOnly}
          refused={refused}
        />
        {!readOnly && (
          <>
            <TextInput
              label="Note"
              description="Why, for those who read the versions."
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
              maxLength={500}
            />
            {create.error && refused.length === 0 ? <ProblemNotice failure={create.error} /> : null}
            <Group justify="flex-end">
              {text !== before && (
                <Button variant="subtle" color="gray" onClick={() => setText(before)}>
                  Undo
                </Button>
              )}
              <Button variant="default" disabled={!ready} loading={create.isPending} onClick={() => save(false)}>
                Keep as a draft
              </Button>
              <Button disabled={!ready} onClick={() => setReviewed(changes)}>
                Review and activate
              </Button>
            </Group>
          </>
        )}
      </Stack>
      {reviewed && (
        <Confirm
          title="Activate what was written"
          act="Activate"
          busy={create.isPending}
          failure={null}
          onConfirm={() => save(true)}
          onClose={() => setReviewed(null)}
        >
          <Stack gap="sm">
            <Consequence devices={devices} />
            {reviewed.length > 0 && <Changes changes={reviewed} label="New version" />}
          </Stack>
        </Confirm>
      )}
    </Card>
  );
}

/** For how many devices something changes, and how. */
function Consequence({ devices }: Pick<Props, 'devices'>) {
  return (
    <Text size="sm">
      {devices === undefined || devices === null
        ? 'All its devices are concerned'
        : devices === 0
          ? 'No device is concerned as of now'
          : devices === 1
            ? '1 device is concerned'
            : `${formatCount(devices)} devices are concerned`}
      . What each is to have comes of all its levels: what its groups or it itself say otherwise stays. A device for
      which the result is not allowed keeps what it has, and is listed under <Link to="/drift">drift</Link>.
    </Text>
  );
}

interface ActivateProps extends Props {
  readonly active: number;
  readonly version: Version;
  readonly onClose: () => void;
}

function ActivateDialog({ owner, devices, active, version, onClose }: ActivateProps) {
  const activate = useActivate(owner);
  const isDraft = version.state === 'draft';
  return (
    <Confirm
      title={isDraft ? `Activate version ${version.version}` : `Go back to version ${version.version}`}
      act={isDraft ? 'Activate' : 'Go back'}
      busy={activate.isPending}
      failure={activate.error}
      onConfirm={() => activate.mutate(version, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Consequence devices={devices} />
        <Difference owner={owner} from={active} to={version.version} />
      </Stack>
    </Confirm>
  );
}

function DeactivateDialog({ owner, devices, onClose }: Props & { readonly onClose: () => void }) {
  const deactivate = useDeactivate(owner);
  return (
    <Confirm
      title="Have no version active"
      act="Deactivate"
      danger
      busy={deactivate.isPending}
      failure={deactivate.error}
      onConfirm={() => deactivate.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Consequence devices={devices} />
        <span>Its versions stay, and each may be made active again.</span>
      </Stack>
    </Confirm>
  );
}
