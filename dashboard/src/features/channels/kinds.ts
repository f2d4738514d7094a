import {
  IconAppWindow,
  IconBroadcast,
  IconDeviceMobile,
  IconMail,
  IconMessageCircle,
  IconWebhook,
} from '@tabler/icons-react';
import type { Schemas } from '@/api/client';

export type Kind = Schemas['ChannelKind'];

/** What is typed into the form of a channel, by field. */
export type Typed = Readonly<Record<string, string>>;

/** One field of a kind's settings. */
export interface SettingField {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** `lines` is a list with a line each, `headers` lines of a name, a colon and a value. */
  readonly input: 'line' | 'number' | 'choice' | 'lines' | 'text' | 'headers';
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** Never shown again: kept when it is left empty in a change. */
  readonly secret?: boolean;
  readonly optional?: boolean;
  /** What a new one begins with. */
  readonly initial?: string;
  /** Whether it is asked for, seeing what was typed elsewhere. */
  readonly asked?: (typed: Typed) => boolean;
}

interface KindOf {
  readonly label: string;
  readonly icon: typeof IconMail;
  readonly about: string;
  readonly fields: readonly SettingField[];
}

const URL_FIELD = { name: 'url', label: 'URL', input: 'line', placeholder: 'https://' } as const;
const HEADERS = {
  name: 'headers',
  label: 'Headers',
  description: 'A line each, such as Authorization: Bearer 5a0c.',
  input: 'headers',
  secret: true,
  optional: true,
} as const;

/** All kinds of channels, with what each can be set to. */
export const KINDS: Record<Kind, KindOf> = {
  email: {
    label: 'E-mail',
    icon: IconMail,
    about: 'Through your mail server.',
    fields: [
      { name: 'to', label: 'To', description: 'An address a line.', input: 'lines' },
      { name: 'from', label: 'From', input: 'line', placeholder: 'IoTFlow <iotflow@example.org>' },
      { name: 'host', label: 'Mail server', input: 'line', placeholder: 'mail.example.org' },
      {
        name: 'security',
        label: 'Security',
        input: 'choice',
        initial: 'starttls',
        options: [
          { value: 'starttls', label: 'STARTTLS' },
          { value: 'tls', label: 'TLS from the start' },
          { value: 'none', label: 'None' },
        ],
      },
      {
        name: 'port',
        label: 'Port',
        description: 'If it is not 587, with TLS 465, with none 25.',
        input: 'number',
        optional: true,
      },
      { name: 'username', label: 'User name', input: 'line', optional: true },
      { name: 'password', label: 'Password', input: 'line', secret: true, optional: true },
    ],
  },
  webhook: {
    label: 'Webhook',
    icon: IconWebhook,
    about: 'Calls a URL of a program of yours.',
    fields: [
      URL_FIELD,
      {
        name: 'form',
        label: 'Form',
        input: 'choice',
        initial: 'json',
        options: [
          { value: 'json', label: 'JSON' },
          { value: 'cloudevents', label: 'CloudEvents 1.0' },
        ],
      },
      {
        name: 'secret',
        label: 'Signing secret',
        description: 'Signs each call, so that the receiver knows who sent it: 16 to 64 characters.',
        input: 'line',
        secret: true,
        optional: true,
      },
      HEADERS,
    ],
  },
  chat: {
    label: 'Chat',
    icon: IconMessageCircle,
    about: 'Writes into a room of Slack or Teams.',
    fields: [
      {
        name: 'form',
        label: 'Chat',
        input: 'choice',
        initial: 'slack',
        options: [
          { value: 'slack', label: 'Slack' },
          { value: 'teams', label: 'Microsoft Teams' },
        ],
      },
      { ...URL_FIELD, description: 'Of the incoming webhook. Whoever knows it can write there.', secret: true },
    ],
  },
  sms: {
    label: 'SMS',
    icon: IconDeviceMobile,
    about: 'Through a gateway that makes text messages of HTTP calls.',
    fields: [
      { name: 'to', label: 'Telephone', input: 'line', placeholder: '+4915112345678' },
      { ...URL_FIELD, description: '{to} and {text} are filled in.' },
      {
        name: 'method',
        label: 'Method',
        input: 'choice',
        initial: 'POST',
        options: ['POST', 'PUT', 'GET'].map((word) => ({ value: word, label: word })),
      },
      {
        name: 'content_type',
        label: 'Content type',
        input: 'choice',
        initial: 'application/json',
        options: ['application/json', 'application/x-www-form-urlencoded', 'text/plain'].map((word) => ({
          value: word,
          label: word,
        })),
        asked: ({ method }) => method !== 'GET',
      },
      {
        name: 'body',
        label: 'Body',
        description: '{to} and {text} are filled in.',
        input: 'text',
        initial: '{"to":"{to}","body":"{text}"}',
        asked: ({ method }) => method !== 'GET',
      },
      HEADERS,
    ],
  },
  mqtt: {
    label: 'MQTT',
    icon: IconBroadcast,
    about: 'A topic of the platform’s own broker.',
    fields: [
      {
        name: 'topic',
        label: 'Topic',
        description: 'What follows iotflow/alerts/ and the organization’s number.',
        input: 'line',
        placeholder: 'hall-3/siren',
      },
    ],
  },
  in_app: { label: 'In the dashboard', icon: IconAppWindow, about: 'The bell at the top of these pages.', fields: [] },
};

export const KIND_WORDS = Object.keys(KINDS) as Kind[];

/** The fields that are asked for now. */
export const askedFields = (kind: Kind, typed: Typed) =>
  KINDS[kind].fields.filter((field) => field.asked?.(typed) ?? true);

/** What the form begins with: what a channel is set to, or what is usual. */
export function typedFrom(kind: Kind, settings: Readonly<Record<string, unknown>> | null): Typed {
  return Object.fromEntries(
    KINDS[kind].fields.map(({ name, initial, secret }) => {
      if (settings === null) return [name, initial ?? ''];
      const value = settings[name];
      if (secret || value === null || value === undefined) return [name, ''];
      return [name, Array.isArray(value) ? value.join('\n') : String(value)];
    }),
  );
}

/**
 * What the platform is told. A secret that is left empty is left out, which keeps the one that is there; one that shall
 * go is sent empty.
 */
export function settingsFrom(kind: Kind, typed: Typed, removed: ReadonlySet<string>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const { name, input, secret } of askedFields(kind, typed)) {
    const text = typed[name] ?? '';
    if (secret && removed.has(name)) settings[name] = input === 'headers' ? {} : '';
    else if (text.trim() === '') continue;
    else if (input === 'number') settings[name] = Number(text);
    else if (input === 'lines') settings[name] = linesOf(text);
    else if (input === 'headers') settings[name] = headersFrom(text);
    else settings[name] = secret ? text : text.trim();
  }
  return settings;
}

/** Whether everything that must be there is; `kept` when secrets may be left as they are. */
export const isComplete = (kind: Kind, typed: Typed, kept: boolean) =>
  askedFields(kind, typed).every(
    ({ name, secret, optional }) => optional || (secret && kept) || (typed[name] ?? '').trim() !== '',
  );

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

function headersFrom(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}

/** Where a channel leads, in a line. */
export function placeOf({ kind, settings }: Pick<Schemas['Channel'], 'kind' | 'settings'>): string {
  switch (kind) {
    case 'email': {
      const [first, ...others] = Array.isArray(settings.to) ? settings.to : [];
      return others.length > 0 ? `${first} and ${others.length} more` : String(first ?? '');
    }
    case 'webhook':
      return String(settings.url ?? '');
    case 'chat':
      return settings.form === 'teams' ? 'Microsoft Teams' : 'Slack';
    case 'sms':
      return String(settings.to ?? '');
    case 'mqtt':
      return String(settings.topic ?? '');
    case 'in_app':
      return 'these pages';
  }
}
