import { SegmentedControl, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { FormDialog } from '@/ui/FormDialog';
import { formatCount } from '@/ui/format';
import { MONO } from '@/ui/mono';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type GroupBranch, useChangeGroup, useCreateGroup, useFilterPreview } from './api';
import { rows, within } from './branches';

interface Props {
  /** The one to change; a new one without it. */
  readonly group?: GroupBranch;
  readonly parent?: number | null;
  readonly trees: readonly GroupBranch[];
  readonly onClose: () => void;
}

/** Makes a group, or changes one. What a filter accepts is shown while it is written. */
export function GroupForm({ group, parent = null, trees, onClose }: Props) {
  const create = useCreateGroup();
  const change = useChangeGroup(group?.id ?? 0);
  const save = group ? change : create;
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const [above, setAbove] = useState(group ? group.parent_id : parent);
  const [kind, setKind] = useState(group?.kind ?? 'static');
  const [filter, setFilter] = useState(group?.filter ?? '');
  const places = rows(trees).filter((row) => !group || !within(group).has(row.group.id));
  const wish = {
    name: name.trim(),
    description: description.trim(),
    parent_id: above,
    kind,
    filter: kind === 'dynamic' ? filter : null,
  };
  return (
    <FormDialog
      title={group ? `Change ${group.name}` : 'New group'}
      act={group ? 'Save' : 'Create'}
      ready={wish.name !== '' && (kind === 'static' || filter.trim() !== '')}
      busy={save.isPending}
      failure={save.error}
      size="lg"
      onSubmit={() => save.mutate(wish, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="A word of topics too: fleet/{name}/commands."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        maxLength={2000}
      />
      <Select
        label="Below"
        placeholder="None: it stands by itself"
        data={places.map((row) => ({ value: String(row.group.id), label: row.group.name }))}
        value={above === null ? null : String(above)}
        onChange={(id) => setAbove(id === null ? null : Number(id))}
        clearable
        searchable
      />
      {!group && (
        <SegmentedControl
          aria-label="Kind"
          data={[
            { value: 'static', label: 'By a list' },
            { value: 'dynamic', label: 'By a filter' },
          ]}
          value={kind}
          onChange={(value) => setKind(value === 'dynamic' ? 'dynamic' : 'static')}
        />
      )}
      {kind === 'dynamic' && (
        <>
          <Textarea
            label="Filter"
            description="An expression over device, metadata and tags."
            placeholder="device.type === 'pump' && tags.site === 'A'"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            maxLength={4096}
            autosize
            minRows={2}
            styles={MONO}
          />
          <Preview filter={filter} />
        </>
      )}
    </FormDialog>
  );
}

function Preview({ filter }: { readonly filter: string }) {
  const [settled] = useDebouncedValue(filter.trim(), 400);
  const found = useFilterPreview(settled);
  if (settled === '') return null;
  if (found.error) return <ProblemNotice failure={found.error} />;
  if (!found.data) return null;
  const names = found.data.devices.map((device) => device.name);
  const more = found.data.next_cursor !== null;
  const { total, total_at_least: atLeast } = found.data;
  const count = atLeast === 0 ? '' : `${formatCount(atLeast)}${total === null ? '+' : ''} devices: `;
  return (
    <Text size="sm" c="dimmed" role="status">
      {names.length === 0 && !more ? 'No device fits.' : `${count}${names.join(', ')}${more ? ' …' : ''}`}
    </Text>
  );
}
