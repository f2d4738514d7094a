import { ActionIcon, Button, Group, Menu, MultiSelect, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useMay } from '@/api/me';
import { Titled } from '@/ui/Facts';
import { useChannels } from './api';
import { type Document, isObject, listAt, textAt } from './document';
import { useDraft, useField } from './draft';
import { DurationField, JsonField, TextField } from './fields';
import classes from './Fields.module.css';

/** What is done when an alert begins. Those that the form does not know are shown as JSON and stay as they are. */
const ACTIONS: readonly { readonly label: string; readonly fresh: Document }[] = [
  { label: 'Notify a channel', fresh: { type: 'notify' } },
  { label: 'Call a webhook', fresh: { type: 'webhook', url: 'https://' } },
  { label: 'Send a command', fresh: { type: 'command', command: 'get_status' } },
  { label: 'Set a configuration', fresh: { type: 'configuration', key: '', value: '' } },
  { label: 'Quarantine the device', fresh: { type: 'quarantine' } },
  { label: 'Set a tag', fresh: { type: 'tag', set: {} } },
];

/** Whom a rule tells, what it does, and who is told if nobody answers. */
export function TellCard() {
  const { document, change, readOnly, errorsAt } = useDraft();
  const actions = listAt(document, 'actions');
  const ladder = listAt(document, 'escalation');
  return (
    <Titled title="What then">
      <Stack gap="sm">
        {actions.length === 0 && (
          <Text size="sm" c="dimmed">
            The alert is shown in the inbox; nobody is told.
          </Text>
        )}
        {actions.map((action, index) => (
          <Removable key={index} path={`actions[${index}]`} name={`action ${index + 1}`}>
            <Action path={`actions[${index}]`} action={action} />
          </Removable>
        ))}
        {ladder.map((_, index) => (
          <Removable key={index} path={`escalation[${index}]`} name={`step ${index + 1} of the escalation`}>
            <DurationField path={`escalation[${index}].after`} label="If nobody acknowledges for" placeholder="15m" />
            <ChannelsField path={`escalation[${index}].channels`} label="Also tell" />
          </Removable>
        ))}
        {[...errorsAt('actions'), ...errorsAt('escalation')].map((error) => (
          <Text key={error} size="sm" c="var(--bad)">
            {error}
          </Text>
        ))}
        {!readOnly && (
          <Group gap="xs">
            <Menu position="bottom-start" shadow="md">
              <Menu.Target>
                <Button size="xs" variant="default" leftSection={<IconPlus size={14} />}>
                  Add an action
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {ACTIONS.map(({ label, fresh }) => (
                  <Menu.Item key={label} onClick={() => change(`actions[${actions.length}]`, fresh)}>
                    {label}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => change(`escalation[${ladder.length}]`, { after: '15m', channels: [] })}
            >
              Escalate
            </Button>
          </Group>
        )}
        <div className={classes.fields}>
          <DurationField path="throttle" label="Tell at most once in" hint="Every time, if empty." placeholder="10m" />
        </div>
      </Stack>
    </Titled>
  );
}

function Removable({
  path,
  name,
  children,
}: {
  readonly path: string;
  readonly name: string;
  readonly children: ReactNode;
}) {
  const { change, readOnly } = useDraft();
  return (
    <div className={classes.row} role="group" aria-label={name}>
      {children}
      {!readOnly && (
        <ActionIcon aria-label={`Remove ${name}`} onClick={() => change(path, undefined)} mb={4}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </div>
  );
}

function Action({ path, action }: { readonly path: string; readonly action: unknown }) {
  switch (isObject(action) ? action.type : undefined) {
    case 'notify':
      return <ChannelField path={`${path}.channel`} label="Notify" />;
    case 'webhook':
      return <TextField path={`${path}.url`} label="Call" placeholder="https://example.com/hook" />;
    case 'command':
      return <TextField path={`${path}.command`} label="Send the command" />;
    case 'configuration':
      return (
        <>
          <TextField path={`${path}.key`} label="Set" placeholder="telemetry_interval" />
          <TextField path={`${path}.value`} label="To" />
        </>
      );
    case 'quarantine':
      return <TextField path={`${path}.reason`} label="Quarantine the device" placeholder="Why; may be empty" />;
    case 'tag':
      return <JsonField path={`${path}.set`} label="Set tags" />;
    default:
      return <JsonField path={path} label={textAt(action, 'type') || 'Action'} />;
  }
}

const KIND_WORDS: Record<string, string> = { in_app: 'in the dashboard', email: 'e-mail', sms: 'SMS', mqtt: 'MQTT' };

function useChoices() {
  const channels = useChannels().data ?? [];
  return channels.map(({ id, name, kind }) => ({ value: String(id), label: `${name} (${KIND_WORDS[kind] ?? kind})` }));
}

function ChannelField({ path, label }: { readonly path: string; readonly label: string }) {
  const { value, errors, set, readOnly } = useField(path);
  const choices = useChoices();
  const error = errors.join(' ') || undefined;
  // Who may not see channels can still name one by its number.
  if (!useMay()('channels:read')) {
    return (
      <NumberInput label={`${label}: number of the channel`} value={Number(value) || ''} onChange={set} error={error} />
    );
  }
  return (
    <Select
      label={label}
      placeholder={choices.length > 0 ? 'Choose a channel' : 'There is no channel yet'}
      data={choices}
      value={value === undefined ? null : String(value)}
      onChange={(next) => set(next === null ? undefined : Number(next))}
      readOnly={readOnly}
      error={error}
      searchable
    />
  );
}

function ChannelsField({ path, label }: { readonly path: string; readonly label: string }) {
  const { document, errorsAt } = useDraft();
  const { set, readOnly } = useField(path);
  const chosen = listAt(document, path);
  const errors = [path, ...chosen.map((_, index) => `${path}[${index}]`)].flatMap(errorsAt);
  return (
    <MultiSelect
      label={label}
      data={useChoices()}
      value={chosen.map(String)}
      onChange={(next) => set(next.map(Number))}
      readOnly={readOnly}
      error={errors.join(' ') || undefined}
      searchable
    />
  );
}
