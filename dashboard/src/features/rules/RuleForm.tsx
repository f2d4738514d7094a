import { Stack, Text } from '@mantine/core';
import { useDeviceTypes } from '@/features/devices/types';
import { Columns } from '@/ui/Columns';
import { Titled } from '@/ui/Facts';
import { ConditionCard } from './ConditionCard';
import { textAt } from './document';
import { useDraft } from './draft';
import { ExpressionField, TemplateField } from './ExpressionField';
import { ChoiceField, DurationField, NamesField, TextField } from './fields';
import classes from './Fields.module.css';
import { QuietCard } from './QuietCard';
import { SEVERITIES } from './severity';
import { TellCard } from './TellCard';
import { messagePreview } from './words';

export const MODES = [
  { value: 'active', label: 'Active' },
  { value: 'shadow', label: 'Shadow: counts, tells nobody' },
  { value: 'off', label: 'Off' },
];

/** Everything that a rule can be, as fields; the JSON beside it shows the same. */
export function RuleForm() {
  return (
    <Columns from="lg">
      <Stack gap="md">
        <Titled title="What it is">
          <Stack gap="sm">
            <TextField path="name" label="Name" />
            <div className={classes.fields}>
              <ChoiceField path="severity" label="Severity" choices={SEVERITIES} usual="warning" />
              <ChoiceField path="mode" label="Mode" choices={MODES} usual="active" />
            </div>
            <TextField path="description" label="Description" lines />
          </Stack>
        </Titled>
        <Titled title="When">
          <Stack gap="sm">
            <ConditionCard path="condition" label="Condition" />
            <div className={classes.fields}>
              <DurationField
                path="window"
                label="Window"
                hint="Of metrics.temperature.avg and the like; 1d, if empty."
                placeholder="1d"
              />
              <ChoiceField path="resolve" label="Ends" choices={RESOLVE} usual="auto" />
            </div>
          </Stack>
        </Titled>
      </Stack>
      <Stack gap="md">
        <Scope />
        <Message />
        <TellCard />
        <QuietCard />
      </Stack>
    </Columns>
  );
}

const RESOLVE = [
  { value: 'auto', label: 'By itself, when it no longer holds' },
  { value: 'latch', label: 'When somebody resolves it' },
];

function Scope() {
  const types = useDeviceTypes();
  return (
    <Titled title="Which devices">
      <Stack gap="sm">
        <NamesField path="scope.device_types" label="Types" hint="All, if empty." suggestions={types} />
        <NamesField path="scope.devices" label="Devices" hint="By name or id; all, if empty." />
        <ExpressionField
          path="scope.filter"
          label="Only where"
          purpose="filter"
          optional
          hint="An expression over device and metadata: metadata.site == 'A'."
        />
      </Stack>
    </Titled>
  );
}

const SAMPLE = { 'device.name': 'greenhouse-1', 'device.device_type': 'sensor', current: '31.5', 'device.id': '7' };

function Message() {
  const { document } = useDraft();
  const message = textAt(document, 'message');
  return (
    <Titled title="What it says">
      <Stack gap="sm">
        <TemplateField
          path="message"
          label="Message"
          placeholder="${device.name} has ${current} °C"
          hint="Expressions stand in ${…}; the rule's name, if empty."
          lines
        />
        {message && (
          <div className={classes.preview} aria-label="Preview of the message">
            {messagePreview(message, SAMPLE)}
          </div>
        )}
        <TemplateField
          path="key"
          label="Key"
          placeholder="${error_code}"
          hint="One alert for each key of a device; one for each device, if empty."
        />
        <Text size="xs" c="dimmed"></Text>
      </Stack>
    </Titled>
  );
}
