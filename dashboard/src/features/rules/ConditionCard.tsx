import { ActionIcon, Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type Field, type Kind, KINDS, kindOf, SIMPLEST, turnedInto } from './conditions';
import { AreaField } from './AreaField';
import { isObject, listAt } from './document';
import { useDraft, useField } from './draft';
import { ExpressionField } from './ExpressionField';
import {
  ChoiceField,
  DaysField,
  DurationField,
  FlagField,
  JsonField,
  MetricField,
  NumberField,
  TextField,
} from './fields';
import classes from './Fields.module.css';

interface Props {
  readonly path: string;
  readonly label: string;
  readonly onRemove?: () => void;
}

const CHOICES = KINDS.map(({ type, label }) => ({ value: type, label }));

/** A condition and, within it, those that it is made of. */
export function ConditionCard({ path, label, onRemove }: Props) {
  const { value, set, errors, readOnly } = useField(path);
  const type = useField(`${path}.type`);
  const kind = kindOf(value);
  const isText = typeof value === 'string';
  return (
    <Stack gap="sm" role="group" aria-label={label}>
      <Group align="end" gap="xs" wrap="nowrap">
        <Select
          label={label}
          data={CHOICES}
          value={kind?.type ?? null}
          placeholder={isObject(value) ? `${String(value.type)} (see its JSON)` : 'Choose one'}
          onChange={(next) => {
            const chosen = KINDS.find((each) => each.type === next);
            if (chosen) set(turnedInto(value, chosen));
          }}
          readOnly={readOnly}
          error={[...(isText ? [] : errors), ...type.errors].join(' ') || undefined}
          allowDeselect={false}
          maw={280}
          flex={1}
        />
        {onRemove && !readOnly && (
          <ActionIcon aria-label={`Remove ${label.toLowerCase()}`} onClick={onRemove} mb={4}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      {kind && (
        <Text size="sm" c="dimmed">
          {kind.about}
        </Text>
      )}
      {kind?.type === 'expression' && (
        <ExpressionField path={isText ? path : `${path}.expression`} label="Expression" purpose="rule" />
      )}
      {kind && <KindFields kind={kind} path={path} />}
      {kind && !isText && (
        <div className={classes.fields}>
          <DurationField path={`${path}.hold`} label="Held for" hint="At once, if empty." />
        </div>
      )}
    </Stack>
  );
}

function KindFields({ kind, path }: { readonly kind: Kind; readonly path: string }) {
  const isNested = ({ kind: of }: Field) => of === 'condition' || of === 'conditions';
  const hasArea = kind.fields.some(({ kind: of }) => of === 'area');
  const plain = kind.fields.filter((field) => !isNested(field) && field.kind !== 'area');
  return (
    <>
      {kind.fields.filter(isNested).map((field) => (
        <div key={field.name} className={classes.nested}>
          {field.kind === 'condition' ? (
            <ConditionCard path={`${path}.${field.name}`} label={field.label} />
          ) : (
            <Several path={`${path}.${field.name}`} />
          )}
        </div>
      ))}
      {hasArea && <AreaField path={path} />}
      {plain.length > 0 && (
        <div className={classes.fields}>
          {plain.map((field) => (
            <One key={field.name} field={field} path={`${path}.${field.name}`} />
          ))}
        </div>
      )}
    </>
  );
}

function Several({ path }: { readonly path: string }) {
  const { document, change, readOnly, errorsAt } = useDraft();
  const conditions = listAt(document, path);
  return (
    <>
      {conditions.map((_, index) => (
        <ConditionCard
          key={index}
          path={`${path}[${index}]`}
          label={`Condition ${index + 1}`}
          onRemove={conditions.length > 1 ? () => change(`${path}[${index}]`, undefined) : undefined}
        />
      ))}
      {errorsAt(path).map((error) => (
        <Text key={error} size="sm" c="var(--bad)">
          {error}
        </Text>
      ))}
      {!readOnly && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => change(`${path}[${conditions.length}]`, SIMPLEST)}
          >
            Add a condition
          </Button>
        </Group>
      )}
    </>
  );
}

function One({ field, path }: { readonly field: Field; readonly path: string }) {
  const props = { path, label: field.label, hint: field.hint };
  switch (field.kind) {
    case 'metric':
      return <MetricField {...props} />;
    case 'number':
      return <NumberField {...props} />;
    case 'duration':
      return <DurationField {...props} />;
    case 'text':
      return <TextField {...props} />;
    case 'flag':
      return <FlagField {...props} />;
    case 'choice':
      return <ChoiceField {...props} choices={field.choices ?? []} usual={field.choices?.[0]?.value} />;
    case 'days':
      return <DaysField {...props} />;
    case 'json':
      return <JsonField {...props} />;
    case 'area':
    case 'condition':
    case 'conditions':
      return null;
  }
}
