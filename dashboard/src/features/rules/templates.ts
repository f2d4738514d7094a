import type { Schemas } from '@/api/client';
import { type Document, isObject } from './document';

export type Template = Schemas['RuleTemplate'];
export type Parameter = Template['parameters'][number];
export type Values = Readonly<Record<string, string | number>>;

/** The kinds of templates, in the order in which they are shown. */
export const CATEGORIES: readonly { readonly category: string; readonly label: string; readonly about: string }[] = [
  { category: 'compliance', label: 'Compliance', about: 'What devices must be, whatever they measure.' },
  { category: 'security', label: 'Security', about: 'Signs that somebody or something is not what it says.' },
  { category: 'operation', label: 'Operation', about: 'What is watched at nearly every device.' },
];

export const usualValues = (template: Template): Values =>
  Object.fromEntries(template.parameters.map((parameter) => [parameter.name, parameter.default]));

const FORMS: Readonly<Record<Parameter['type'], { readonly form: RegExp; readonly words: string }>> = {
  number: { form: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, words: 'Must be a number.' },
  whole: { form: /^-?\d+$/, words: 'Must be a whole number.' },
  duration: { form: /^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/, words: 'Must be a duration such as 5m.' },
  version: { form: /^v?[0-9][0-9A-Za-z.+-]{0,49}$/, words: 'Must be a version such as 1.4.0.' },
  metric: { form: /^[\w\-.:/]{1,128}$/, words: 'Must be the name of a metric.' },
  word: { form: /^\w{1,64}$/, words: 'Must be a word of letters, digits and _.' },
};

/** What is wrong with a value; null, when nothing is. Narrow, so that no value means something else in an expression. */
export function mistakeOf({ type }: Parameter, value: string | number | undefined): string | null {
  const { form, words } = FORMS[type];
  return form.test(String(value ?? '')) ? null : words;
}

/**
 * The rule that a template makes, to go on editing. A text that is nothing but a place, `{{name}}`, becomes the value
 * itself; within a text stands the value as text: as the platform does it.
 */
export function filledOf(template: Template, values: Values): Document {
  const { name, description, rule } = template;
  return { name, description, ...(filled(rule, { ...usualValues(template), ...values }) as Document) };
}

const PLACE = /\{\{([a-z_]+)\}\}/g;

function filled(node: unknown, values: Values): unknown {
  if (Array.isArray(node)) return node.map((each) => filled(each, values));
  if (isObject(node)) return Object.fromEntries(Object.entries(node).map(([key, each]) => [key, filled(each, values)]));
  if (typeof node !== 'string') return node;
  const whole = /^\{\{([a-z_]+)\}\}$/.exec(node);
  if (whole) return values[whole[1]!] ?? node;
  return node.replace(PLACE, (place, name: string) => String(values[name] ?? place));
}
