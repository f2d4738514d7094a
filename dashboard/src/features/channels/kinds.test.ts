import { expect, test } from 'vitest';
import { isComplete, KIND_WORDS, placeOf, settingsFrom, typedFrom } from './kinds';

const NONE: ReadonlySet<string> = new Set();

test('lists, numbers and headers become what the platform takes', () => {
  const typed = {
    ...typedFrom('email', null),
    to: ' a@x.org \n\nb@x.org',
    from: 'c@x.org',
    host: 'mail',
    port: '2525',
  };
  expect(settingsFrom('email', typed, NONE)).toEqual({
    to: ['a@x.org', 'b@x.org'],
    from: 'c@x.org',
    host: 'mail',
    port: 2525,
    security: 'starttls',
  });
  const hook = { url: 'https://x.org', form: 'json', secret: '', headers: 'X-Key: a:b\nX-Other: c' };
  expect(settingsFrom('webhook', hook, NONE)).toEqual({
    url: 'https://x.org',
    form: 'json',
    headers: { 'X-Key': 'a:b', 'X-Other': 'c' },
  });
});

test('a secret that is not typed is kept, one that shall go is sent empty', () => {
  const typed = typedFrom('webhook', { url: 'https://x.org', form: 'json', secret: null, headers: null });
  expect(settingsFrom('webhook', typed, NONE)).toEqual({ url: 'https://x.org', form: 'json' });
  expect(settingsFrom('webhook', typed, new Set(['secret', 'headers']))).toMatchObject({ secret: '', headers: {} });
});

test('what is not asked for is not sent', () => {
  const typed = { ...typedFrom('sms', null), method: 'GET', url: 'https://x.org/{to}/{text}', to: '1' };
  expect(settingsFrom('sms', typed, NONE)).toEqual({ method: 'GET', url: 'https://x.org/{to}/{text}', to: '1' });
});

test('a form is complete when what must be there is', () => {
  expect(isComplete('in_app', {}, false)).toBe(true);
  expect(isComplete('chat', { form: 'slack', url: '' }, false)).toBe(false);
  expect(isComplete('chat', { form: 'slack', url: '' }, true)).toBe(true);
  expect(isComplete('email', typedFrom('email', null), false)).toBe(false);
});

test('each kind says where it leads', () => {
  const settings = { to: ['a@x.org', 'b@x.org'], url: 'https://x.org', form: 'teams', topic: 'siren' };
  expect(KIND_WORDS.map((kind) => placeOf({ kind, settings }))).toEqual([
    'a@x.org and 1 more',
    'https://x.org',
    'Microsoft Teams',
    'a@x.org,b@x.org',
    'siren',
    'these pages',
  ]);
});
