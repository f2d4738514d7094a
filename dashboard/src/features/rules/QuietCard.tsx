import { Stack, Switch } from '@mantine/core';
import { Titled } from '@/ui/Facts';
import { localZone } from '@/ui/format';
import { isObject } from './document';
import { useField } from './draft';
import { ChoiceField, DaysField, TextField } from './fields';
import classes from './Fields.module.css';
import { SEVERITIES } from './severity';

/** When nobody wants to be told; what began then is told afterwards. */
export function QuietCard() {
  const { value, set, readOnly, errors } = useField('quiet_hours');
  const isOn = isObject(value);
  return (
    <Titled title="Quiet hours">
      <Stack gap="sm">
        <Switch
          label="Tell later what begins in quiet hours"
          checked={isOn}
          disabled={readOnly}
          error={errors.join(' ') || undefined}
          onChange={(event) =>
            set(event.currentTarget.checked ? { from: '22:00', to: '06:00', zone: localZone() } : undefined)
          }
        />
        {isOn && (
          <>
            <DaysField path="quiet_hours.days" label="Days on which they begin" />
            <div className={classes.fields}>
              <TextField path="quiet_hours.from" label="From" placeholder="22:00" />
              <TextField path="quiet_hours.to" label="To" placeholder="06:00" />
              <TextField path="quiet_hours.zone" label="Zone" placeholder="Europe/Berlin" />
              <ChoiceField
                path="quiet_hours.except"
                label="Except from"
                choices={SEVERITIES}
                hint="No exception, if empty."
              />
            </div>
          </>
        )}
      </Stack>
    </Titled>
  );
}
