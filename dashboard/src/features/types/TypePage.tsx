import { Button, Card, Skeleton, Stack, Tabs, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { SchemaCard } from '@/features/configurations/SchemaCard';
import { SharedConfiguration } from '@/features/configurations/SharedConfiguration';
import { useFleet } from '@/features/devices/api';
import { useAddressView } from '@/ui/addressView';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { MONO } from '@/ui/mono';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { TabList } from '@/ui/TabList';
import { type DeviceType, useSaveType, useType } from './api';
import { configurationOf, draftOf, FRESH, type TypeDraft, wishOf } from './draft';
import { MetricsForm } from './MetricsForm';

const BACK = <Back to="/device-types">Device types</Back>;

/** A new device type. */
export function NewTypePage() {
  return <Editor kept={undefined} />;
}

/** One device type. */
export function TypePage() {
  const id = Number(useParams().type);
  const found = useType(Number.isSafeInteger(id) && id > 0 ? id : null);
  if (found.data) return <Editor key={`${found.data.id}/${found.data.version}`} kept={found.data} />;
  if (found.error) {
    return (
      <Page title="Device type" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the device type">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={360} />
    </Stack>
  );
}

function Editor({ kept }: { readonly kept: DeviceType | undefined }) {
  const mayWrite = useMay()('devices:write') && !kept?.inherited;
  const save = useSaveType(kept);
  const [{ tab: named }, setView] = useAddressView(['tab']);
  const tab = kept && named === 'configuration' ? 'configuration' : 'definition';
  const navigate = useNavigate();
  const [draft, setDraft] = useState<TypeDraft>(kept ? draftOf(kept) : FRESH);
  const set = (change: Partial<TypeDraft>) => setDraft({ ...draft, ...change });
  const configuration = configurationOf(draft.configuration);
  const wrong = typeof configuration === 'string' ? configuration : null;
  const keep = () =>
    save.mutate(wishOf(draft, kept), {
      onSuccess: (saved) => {
        notifications.show({ title: `${saved.name} is in force`, message: `as version ${saved.version}` });
        if (!kept) void navigate(`/device-types/${saved.id}`, { replace: true });
      },
    });
  return (
    <Page
      title={kept?.name ?? (draft.name || 'New device type')}
      above={BACK}
      lead={kept ? `Version ${kept.version}${kept.inherited ? ', from an organization above' : ''}` : 'Not saved yet'}
      actions={
        mayWrite &&
        tab === 'definition' && (
          <Button onClick={keep} loading={save.isPending} disabled={draft.name.trim() === '' || wrong !== null}>
            {kept ? 'Save' : 'Create'}
          </Button>
        )
      }
    >
      {save.error ? <ProblemNotice failure={save.error} /> : null}
      {kept && (
        <Tabs value={tab} onChange={(next) => setView({ tab: next === 'configuration' ? 'configuration' : '' })}>
          <TabList>
            <Tabs.Tab value="definition">Definition</Tabs.Tab>
            <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
          </TabList>
        </Tabs>
      )}
      {tab === 'configuration' && kept ? (
        <Configuration type={kept} />
      ) : (
        <fieldset disabled={!mayWrite} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <Stack gap="md">
            <Columns from="lg">
              <General draft={draft} set={set} isNew={!kept} />
              <Treatment draft={draft} set={set} wrong={wrong} kept={kept} />
            </Columns>
            <MetricsForm metrics={draft.metrics} onChange={(metrics) => set({ metrics })} />
          </Stack>
        </fieldset>
      )}
    </Page>
  );
}

/** What devices of the type are to have, in the type's organization; in the caller's own, if it is from above. */
function Configuration({ type }: { readonly type: DeviceType }) {
  const owner = { type: type.name, organization: type.inherited ? undefined : type.organization_id };
  const devices = useFleet({ device_type: type.name, limit: 1 }).data?.total;
  return (
    <Stack gap="md">
      <SharedConfiguration owner={owner} devices={devices} />
      <SchemaCard owner={owner} />
    </Stack>
  );
}

interface PartProps {
  readonly draft: TypeDraft;
  readonly set: (change: Partial<TypeDraft>) => void;
}

function General({ draft, set, isNew }: PartProps & { readonly isNew: boolean }) {
  return (
    <Card>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="What devices say as their device_type; it cannot change."
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          maxLength={128}
          disabled={!isNew}
          autoComplete="off"
        />
        <Textarea
          label="Description"
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          maxLength={2000}
          rows={2}
        />
        <TextInput
          label="Icon"
          value={draft.icon}
          onChange={(event) => set({ icon: event.currentTarget.value })}
          maxLength={64}
          autoComplete="off"
        />
        <TagsInput
          label="Capabilities"
          value={[...draft.capabilities]}
          onChange={(capabilities) => set({ capabilities })}
          maxTags={100}
        />
      </Stack>
    </Card>
  );
}

interface TreatmentProps extends PartProps {
  readonly wrong: string | null;
  readonly kept: DeviceType | undefined;
}

function Treatment({ draft, set, wrong, kept }: TreatmentProps) {
  return (
    <Card>
      <Stack gap="sm">
        <Textarea
          label="Decoder"
          description="An expression that makes measurements of payloads that are no JSON: ({t: int16(bytes, 0) / 100})"
          value={draft.decoder}
          onChange={(event) => set({ decoder: event.currentTarget.value })}
          maxLength={4096}
          rows={4}
          spellCheck={false}
          styles={MONO}
        />
        {kept && kept.faults > 0 && (
          <Text size="sm" c="var(--warn)">
            Failed {kept.faults} times, last: {kept.last_fault}
          </Text>
        )}
        <Textarea
          label="Default configuration"
          description="Kept for those who read the catalogue. What devices are told stands under Configuration."
          value={draft.configuration}
          onChange={(event) => set({ configuration: event.currentTarget.value })}
          error={wrong}
          rows={4}
          spellCheck={false}
          styles={MONO}
        />
        {kept?.rules && kept.rules.length > 0 && (
          <Text size="sm">
            Rules:{' '}
            {kept.rules.map((rule, index) => (
              <span key={rule.id}>
                {index > 0 && ', '}
                <Link to={`/rules/${rule.id}`}>{rule.name}</Link>
              </span>
            ))}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
