import { Modal, Select, Skeleton, TextInput } from '@mantine/core';
import { useState } from 'react';
import { OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { Confirm } from '@/ui/Confirm';
import { FormDialog } from '@/ui/FormDialog';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type Channel, useChangeChannel, useChannel, useCreateChannel, useRemoveChannel } from './api';
import { isComplete, type Kind, KIND_WORDS, KINDS, settingsFrom, type Typed, typedFrom } from './kinds';
import { SettingsFields } from './SettingsFields';

const NONE: ReadonlySet<string> = new Set();
const OPTIONS = KIND_WORDS.map((kind) => ({ value: kind, label: KINDS[kind].label }));

export function NewChannelDialog({ onClose }: { readonly onClose: (made?: Channel) => void }) {
  const create = useCreateChannel();
  const own = useOwnOrganization();
  const [chosen, setOrganization] = useState<number | null>(null);
  const organization = chosen ?? own;
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('email');
  const [typed, setTyped] = useState<Typed>(() => typedFrom('email', null));
  const choose = (next: Kind) => {
    setKind(next);
    setTyped(typedFrom(next, null));
    create.reset();
  };
  return (
    <FormDialog
      title="New channel"
      act="Create"
      ready={name.trim() !== '' && isComplete(kind, typed, false)}
      busy={create.isPending}
      failure={create.error}
      onSubmit={() =>
        create.mutate(
          { name: name.trim(), kind, organization_id: organization, settings: settingsFrom(kind, typed, NONE) },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
      <Select
        label="Kind"
        description={KINDS[kind].about}
        data={OPTIONS}
        value={kind}
        onChange={(next) => next && choose(next as Kind)}
        allowDeselect={false}
      />
      <OrganizationSelect
        label="Organization"
        description="It serves this one and those below."
        value={organization}
        onChange={setOrganization}
      />
      <SettingsFields kind={kind} typed={typed} onTyped={setTyped} removed={null} onRemoved={() => {}} />
    </FormDialog>
  );
}

interface Props {
  readonly channel: Channel;
  readonly onClose: () => void;
}

export function ChangeDialog({ channel, onClose }: Props) {
  const found = useChannel(channel.id);
  if (found.data) return <ChangeForm {...found.data} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={`Change ${channel.name}`}>
      {found.error ? <ProblemNotice failure={found.error} /> : <Skeleton height={220} aria-label="Loading" />}
    </Modal>
  );
}

function ChangeForm({ channel, tag, onClose }: Props & { readonly tag: string }) {
  const { id, kind, settings } = channel;
  const change = useChangeChannel(id);
  const [held] = useState(tag);
  const [name, setName] = useState(channel.name);
  const [typed, setTyped] = useState<Typed>(() => typedFrom(kind, settings));
  const [removed, setRemoved] = useState(NONE);
  return (
    <FormDialog
      title={`Change ${channel.name}`}
      act="Save"
      ready={name.trim() !== '' && isComplete(kind, typed, channel.has_secret)}
      busy={change.isPending}
      failure={change.error}
      onSubmit={() =>
        change.mutate(
          { tag: held, wish: { name: name.trim(), kind, settings: settingsFrom(kind, typed, removed) } },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
      <SettingsFields
        kind={kind}
        typed={typed}
        onTyped={setTyped}
        removed={channel.has_secret ? removed : null}
        onRemoved={setRemoved}
      />
    </FormDialog>
  );
}

export function RemoveDialog({ channel, onClose }: Props) {
  const remove = useRemoveChannel(channel.id);
  return (
    <Confirm
      title="Delete a channel"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      What still waits for <strong>{channel.name}</strong> is not sent. Rules that name it go on without it.
    </Confirm>
  );
}

function NameField({ value, onChange }: { readonly value: string; readonly onChange: (name: string) => void }) {
  return (
    <TextInput
      label="Name"
      description="By which rules and people know it."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={128}
      autoComplete="off"
      data-autofocus
    />
  );
}
