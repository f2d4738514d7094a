import { MultiSelect, Stack, TagsInput, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useDeviceTypes } from '@/features/devices/types';
import { useGroupTree } from '@/features/groups/api';
import { rows } from '@/features/groups/branches';
import { OrganizationSelect, useOwnOrganization } from '@/features/organizations/Organization';
import { Columns } from '@/ui/Columns';
import { formatCount } from '@/ui/format';
import { MONO } from '@/ui/mono';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { usePreview } from './api';
import type { StepProps } from './NewRolloutPage';
import classes from './Preview.module.css';
import { type PlanDraft, scopeOf } from './plan';

/** Which devices; how many those are is shown while it is said. */
export function DevicesStep({ plan, set }: StepProps) {
  const types = useDeviceTypes();
  const groups = rows(useGroupTree().data?.groups ?? []);
  const own = useOwnOrganization();
  return (
    <Columns from="lg">
      <Stack gap="sm">
        <Text size="sm">A device must be in all that is said here, and the image must be made for it.</Text>
        <OrganizationSelect
          label="Organization"
          description="Its devices, and those of the organizations below it"
          value={plan.organization ?? own}
          onChange={(organization) => set({ organization })}
        />
        <TagsInput
          label="Device types"
          placeholder={plan.types.length === 0 ? 'All' : undefined}
          data={types}
          value={[...plan.types]}
          onChange={(next) => set({ types: next })}
        />
        <MultiSelect
          label="Groups"
          placeholder={plan.groups.length === 0 ? 'Also those in no group' : undefined}
          data={groups.map(({ group }) => ({ value: String(group.id), label: group.name }))}
          value={[...plan.groups]}
          onChange={(next) => set({ groups: next })}
          searchable
          nothingFoundMessage="No group has this name"
        />
        <TagsInput
          label="Devices"
          description="Names or ids, if only these are meant"
          placeholder={plan.devices.length === 0 ? 'All' : undefined}
          value={[...plan.devices]}
          onChange={(next) => set({ devices: next })}
          splitChars={[',', ' ', '\n']}
        />
        <Textarea
          label="Filter"
          description="An expression over device, metadata and tags."
          placeholder="metadata.site === 'north'"
          value={plan.filter}
          onChange={(event) => set({ filter: event.currentTarget.value })}
          maxLength={4096}
          autosize
          minRows={2}
          spellCheck={false}
          styles={MONO}
        />
      </Stack>
      <Preview plan={plan} />
    </Columns>
  );
}

/** What a preview is asked for. */
export const previewWish = (plan: PlanDraft) =>
  plan.firmware === null
    ? null
    : { firmware_id: plan.firmware, scope: scopeOf(plan), organization_id: plan.organization ?? undefined };

function Preview({ plan }: { readonly plan: PlanDraft }) {
  const wish = previewWish(plan);
  const [settled] = useDebouncedValue(JSON.stringify(wish), 400);
  const found = usePreview(JSON.parse(settled) as typeof wish);
  if (found.error) return <ProblemNotice failure={found.error} />;
  if (!found.data) return null;
  const { count, devices } = found.data;
  return (
    <div className={classes.preview} role="status" data-stale={found.isPlaceholderData || undefined}>
      <div className={classes.count}>{formatCount(count)}</div>
      <Text size="sm">{count === 1 ? 'device takes part as of now' : 'devices take part as of now'}</Text>
      {devices.length > 0 && (
        <ul className={classes.names} aria-label="Some of them">
          {devices.map((device) => (
            <li key={device.id}>
              {device.name} <span>{device.firmware_version || 'version unknown'}</span>
            </li>
          ))}
          {count > devices.length && <li>and {formatCount(count - devices.length)} more</li>}
        </ul>
      )}
      {count === 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          Either nothing fits what is said here, or all that fits runs the version already.
        </Text>
      )}
    </div>
  );
}
