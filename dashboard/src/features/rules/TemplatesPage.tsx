import { Autocomplete, Button, Card, NumberInput, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { Back } from '@/ui/Back';
import { FormDialog } from '@/ui/FormDialog';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Severity, type SeverityWord } from '@/ui/Severity';
import { useTemplates } from './api';
import { textAt } from './document';
import { useVocabulary } from './language';
import { CATEGORIES, filledOf, mistakeOf, type Parameter, type Template, usualValues, type Values } from './templates';
import classes from './Templates.module.css';
import { conditionWords } from './words';

/** Rules that many need, ready but for a few values. */
export function TemplatesPage() {
  const found = useTemplates();
  const [chosen, setChosen] = useState<Template | null>(null);
  const templates = found.data ?? [];
  return (
    <Page
      title="Rule templates"
      above={<Back to="/rules">Rules</Back>}
      lead="Choose one, say its values, and go on in the editor. Nothing is in force before you create it there."
    >
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending && <Skeleton height={280} aria-label="Loading templates" />}
      {CATEGORIES.map(({ category, label, about }) => {
        const its = templates.filter((template) => template.category === category);
        return (
          its.length > 0 && (
            <section key={category} aria-label={label}>
              <Text component="h2" fw={600} m={0}>
                {label}
              </Text>
              <Text size="sm" c="dimmed" mb="xs">
                {about}
              </Text>
              <ul className={classes.gallery}>
                {its.map((template) => (
                  <Offer key={template.id} template={template} onUse={() => setChosen(template)} />
                ))}
              </ul>
            </section>
          )
        );
      })}
      {chosen && <ValuesDialog template={chosen} onClose={() => setChosen(null)} />}
    </Page>
  );
}

function Offer({ template, onUse }: { readonly template: Template; readonly onUse: () => void }) {
  const { name, description, parameters, rule } = template;
  return (
    <Card component="li" className={classes.offer}>
      <div className={classes.head}>
        <Text fw={550} component="h3" m={0}>
          {name}
        </Text>
        <Severity severity={(textAt(rule, 'severity') || 'warning') as SeverityWord} />
      </div>
      <Text size="sm">{description}</Text>
      <Text size="sm" c="dimmed">
        Needs {listed(parameters.map((each) => `${words(each.name)} (${each.default})`))}.
      </Text>
      <Button variant="default" size="xs" className={classes.use} onClick={onUse} aria-label={`Use ${name}`}>
        Use it
      </Button>
    </Card>
  );
}

const words = (name: string) => name.replaceAll('_', ' ');
const listed = (names: readonly string[]) =>
  names.length <= 1 ? (names[0] ?? 'nothing') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;

function ValuesDialog({ template, onClose }: { readonly template: Template; readonly onClose: () => void }) {
  const [values, setValues] = useState<Values>(() => usualValues(template));
  const navigate = useNavigate();
  const mistakes = template.parameters.map((parameter) => mistakeOf(parameter, values[parameter.name]));
  const document = filledOf(template, values);
  return (
    <FormDialog
      title={template.name}
      act="Go on in the editor"
      ready={mistakes.every((mistake) => mistake === null)}
      busy={false}
      failure={null}
      onSubmit={() => void navigate('/rules/new', { state: { begun: document } })}
      onClose={onClose}
    >
      <Text size="sm">{template.description}</Text>
      {template.parameters.map((parameter, index) => (
        <ValueField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? ''}
          mistake={mistakes[index] ?? undefined}
          onChange={(value) => setValues((before) => ({ ...before, [parameter.name]: value }))}
        />
      ))}
      <Stack gap={2}>
        <Text size="xs" c="dimmed">
          It waits for
        </Text>
        <div className={classes.preview} aria-label="What it waits for">
          {conditionWords(document.condition)}
        </div>
      </Stack>
    </FormDialog>
  );
}

interface ValueProps {
  readonly parameter: Parameter;
  readonly value: string | number;
  readonly mistake: string | undefined;
  readonly onChange: (value: string | number) => void;
}

function ValueField({ parameter, value, mistake, onChange }: ValueProps): ReactNode {
  const metrics = useVocabulary()?.metrics ?? [];
  const label = words(parameter.name);
  const shared = { label: label[0]!.toUpperCase() + label.slice(1), description: parameter.doc, error: mistake };
  switch (parameter.type) {
    case 'number':
    case 'whole':
      return (
        <NumberInput
          {...shared}
          value={value}
          allowDecimal={parameter.type === 'number'}
          hideControls
          onChange={onChange}
        />
      );
    case 'metric':
      return <Autocomplete {...shared} data={[...metrics]} limit={50} value={String(value)} onChange={onChange} />;
    case 'duration':
    case 'version':
    case 'word':
      return (
        <TextInput
          {...shared}
          value={String(value)}
          autoComplete="off"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
