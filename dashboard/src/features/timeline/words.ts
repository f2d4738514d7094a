import { isObject, type JsonObject } from '@/editor/json';
import { happened } from '@/features/alerts/History';
import { actionWords, changes } from '@/features/audit/words';
import { changesBetween, pathWords } from '@/features/shadow/document';
import { formatLocal } from '@/ui/format';
import type { Entry, Kind } from './api';

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  device: 'Changes',
  presence: 'Presence',
  alert: 'Alerts',
  command: 'Commands',
  configuration: 'Configuration',
  firmware: 'Firmware',
  shadow: 'Shadow',
  sensor: 'Sensors',
};

/** What happened, in a sentence, and what is to be said beside it. */
export function sentenceOf(entry: Entry): { readonly words: string; readonly detail: string } {
  const { kind, what, subject, detail } = entry;
  switch (kind) {
    case 'device':
      return { words: actionWords(what), detail: changeWords(entry.data) };
    case 'presence':
      return { words: what === 'online' ? 'It came online' : 'It went offline', detail: '' };
    case 'alert': {
      const event = what as Parameters<typeof happened>[0]['event'];
      const told = happened({ event, at: entry.timestamp, actor: entry.actor, detail });
      return { words: `Alert ${subject}: ${lowered(told?.words ?? what)}`, detail: told?.detail ?? detail };
    }
    case 'command':
      return { words: `Command ${subject}: ${what}`, detail };
    case 'configuration':
      return { words: `Configuration, ${subject}: ${what}`, detail };
    case 'firmware':
      return { words: `Firmware ${subject}: ${what.replaceAll('_', ' ')}`, detail };
    case 'shadow':
      return what === 'emptied'
        ? { words: 'Nothing was desired of it any more', detail: '' }
        : { words: 'Something was desired of it', detail: JSON.stringify(entry.data) };
    case 'sensor':
      return {
        words: `Sensor ${subject}: ${what}`,
        detail: [detail, calibrationWords(entry.data)].filter(Boolean).join(': '),
      };
  }
}

/** Names of people keep their capitals. */
const lowered = (words: string) => words.replace(/^(It|The|What)\b/, (word) => word.toLowerCase());

function changeWords(data: unknown): string {
  if (!isObject(data)) return '';
  const part = (name: string): JsonObject => (isObject(data[name]) ? data[name] : {});
  return changes({ before: part('before'), after: part('after') } as Parameters<typeof changes>[0])
    .map(({ field, before, after }) => `${field}: ${before === null ? '' : `${before} → `}${after ?? 'none'}`)
    .join(', ');
}

function calibrationWords(data: unknown): string {
  if (!isObject(data) || !isObject(data.before) || !isObject(data.after)) return '';
  return changesBetween(data.before, data.after)
    .map(
      ({ path, before, after }) =>
        `${pathWords(path)} ${JSON.stringify(before ?? null)} → ${JSON.stringify(after ?? null)}`,
    )
    .join(', ');
}

/** Who did it, where somebody did and the sentence does not say so. */
export const actorOf = ({ kind, actor }: Entry) => (kind === 'alert' || actor === '' ? null : actor);

/** Where more of it is; null where there is no page for it. */
export function placeOf({ kind, link }: Entry, device: number): string | null {
  switch (kind) {
    case 'device':
      return link && `/audit/${link}`;
    case 'alert':
      return link && `/alerts/${link}`;
    case 'command':
      return `/devices/${device}?tab=commands`;
    case 'configuration':
      return `/devices/${device}?tab=configuration`;
    case 'shadow':
      return `/devices/${device}?tab=shadow`;
    case 'sensor':
      return `/devices/${device}?tab=sensors`;
    case 'firmware':
      return `/devices/${device}?tab=firmware`;
    case 'presence':
      return null;
  }
}

/** How it is marked: what is wrong, and what is well again. */
export function toneOf({ kind, what }: Entry): 'good' | 'bad' | 'warn' | null {
  if (kind === 'alert')
    return what === 'begun' || what === 'occurred_again' ? 'bad' : what === 'resolved' ? 'good' : null;
  if (kind === 'command' || kind === 'firmware') {
    if (what === 'failed' || what === 'rolled_back') return 'bad';
    if (what === 'expired' || what === 'cancelled') return 'warn';
    return what === 'succeeded' || what === 'installed' ? 'good' : null;
  }
  return kind === 'presence' ? (what === 'online' ? 'good' : 'warn') : null;
}

const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** Entries by the day of the reader, in their order. */
export function byDay(
  entries: readonly Entry[],
): readonly { readonly day: string; readonly entries: readonly Entry[] }[] {
  const days: { day: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const day = DAY.format(Date.parse(entry.timestamp));
    if (days.at(-1)?.day !== day) days.push({ day, entries: [] });
    days.at(-1)!.entries.push(entry);
  }
  return days;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const clockWords = (time: string) => CLOCK.format(Date.parse(time));
export const fullTime = (time: string) => formatLocal(Date.parse(time));
