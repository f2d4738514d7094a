import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { kindOf } from './conditions';
import { NewRulePage } from './RulePage';
import { filledOf, mistakeOf, type Template } from './templates';
import { TemplatesPage } from './TemplatesPage';

const flood: Template = {
  id: 'message_flood',
  name: 'Message flood',
  description: 'A device sends far more than it should.',
  category: 'security',
  parameters: [
    { name: 'at_least', type: 'whole', default: 600, doc: 'How many messages.' },
    { name: 'within', type: 'duration', default: '1m', doc: 'Within which time.' },
  ],
  rule: {
    condition: { type: 'message_flood', at_least: '{{at_least}}', within: '{{within}}' },
    severity: 'major',
    message: '${device.name} sent {{at_least}} messages within {{within}}',
  },
};
const old: Template = {
  id: 'firmware_too_old',
  name: 'Firmware too old',
  description: 'A device runs an earlier firmware than it should.',
  category: 'compliance',
  parameters: [{ name: 'minimum', type: 'version', default: '1.0.0', doc: 'The earliest version that is good.' }],
  rule: { condition: "versionBefore(device.firmware_version, '{{minimum}}')", severity: 'warning' },
};
const answers = {
  'GET /api/v1/rules/templates': () => json({ templates: [flood, old], count: 2 }),
  'GET /api/v1/rules/language': () => json({ words: [], metrics: [], limits: {} }),
  'POST /api/v1/rules/check': () => json({ mistakes: [] }),
  'GET /api/v1/admin/stats': () => json({ devices: { by_type: {} } }),
  'GET /api/v1/channels': () => json({ channels: [], count: 0, next_cursor: null }),
};

beforeEach(() => signIn('admin x'));
vi.setConfig({ testTimeout: 20_000 });

test('a place becomes the value itself, and within a text the value as text', () => {
  expect(filledOf(flood, { at_least: 100 })).toEqual({
    name: 'Message flood',
    description: 'A device sends far more than it should.',
    condition: { type: 'message_flood', at_least: 100, within: '1m' },
    severity: 'major',
    message: '${device.name} sent 100 messages within 1m',
  });
  expect(filledOf(old, { minimum: '1.4.0' }).condition).toBe("versionBefore(device.firmware_version, '1.4.0')");
});

test('a value that would be more than a value is refused', () => {
  const check = (type: Template['parameters'][number]['type'], value: string | number, isGood: boolean) =>
    expect(mistakeOf({ name: 'x', type, default: '', doc: '' }, value) === null).toBe(isGood);
  check('version', '1.4.0-rc1', true);
  check('version', "1') || true || ('", false);
  check('whole', 5, true);
  check('whole', 5.5, false);
  check('whole', '', false);
  check('number', -0.5, true);
  check('duration', '15m', true);
  check('duration', '15', false);
  check('metric', 'accelerometer.x', true);
  check('metric', 'a b', false);
  check('word', "x']", false);
});

test('the editor knows every condition that templates have', () => {
  for (const type of ['message_flood', 'credential_failures', 'movement', 'clock_skew', 'absence']) {
    expect(kindOf({ type })?.type).toBe(type);
  }
});

test('templates stand below what they are about, and one goes on in the editor with its values', async () => {
  const asked = platform(answers);
  const { router } = show({ '/rules/templates': <TemplatesPage />, '/rules/new': <NewRulePage /> }, '/rules/templates');
  const security = await screen.findByRole('region', { name: 'Security' });
  within(security).getByText('Needs at least (600) and within (1m).');
  expect(within(security).queryByText('Firmware too old')).toBeNull();
  fireEvent.click(within(security).getByRole('button', { name: 'Use Message flood' }));
  const dialog = await screen.findByRole('dialog');
  const within_ = await within(dialog).findByLabelText('Within');
  fireEvent.change(within_, { target: { value: 'soon' } });
  const onward = within(dialog).getByRole('button', { name: 'Go on in the editor' }) as HTMLButtonElement;
  expect(onward.disabled).toBe(true);
  fireEvent.change(within_, { target: { value: '10s' } });
  within(dialog).getByText('600 messages in 10s');
  fireEvent.click(onward);
  expect(((await screen.findByLabelText('Name')) as HTMLInputElement).value).toBe('Message flood');
  expect((screen.getByLabelText('Within') as HTMLInputElement).value).toBe('10s');
  expect(router.state.location.pathname).toBe('/rules/new');
  expect(asked.some(({ method, url }) => method === 'POST' && !url.endsWith('/check'))).toBe(false);
});
