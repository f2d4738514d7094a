import { expect, test } from 'vitest';
import type { FeedEvent } from '@/live/feed';
import type { Alert } from './api';
import { newsOf, withNews } from './news';
import { ALL, type AlertView, isFiltered, queryFrom, tabOf } from './view';

const view = (rest: Partial<AlertView> = {}): AlertView => ({ tab: '', ...ALL, ...rest });
const asked = (rest: Partial<AlertView>) =>
  Object.fromEntries(Object.entries(queryFrom(view(rest), 'eva')).filter(([, value]) => value !== undefined));

test('each tab asks for alerts in its state, an unknown one for the open ones', () => {
  expect(asked({})).toEqual({ state: ['active'] });
  expect(asked({ tab: 'acknowledged' })).toEqual({ state: ['acknowledged'] });
  expect(asked({ tab: 'resolved' })).toEqual({ state: ['resolved'] });
  expect(tabOf(view({ tab: 'nonsense' }))).toBe('open');
});

test('a severity stands for itself and all that is worse', () => {
  expect(asked({ severity: 'major' }).severity).toEqual(['major', 'critical']);
  expect(asked({ severity: 'info' }).severity).toBeUndefined();
  expect(asked({ severity: 'nonsense' }).severity).toBeUndefined();
});

test('mine is by name, nobody’s is what is not assigned', () => {
  expect(asked({ whose: 'mine' })).toMatchObject({ assignee: 'eva' });
  expect(asked({ whose: 'nobody' })).toMatchObject({ unassigned: true });
  expect(asked({ device: ' 7 ', rule: '3', text: ' hot ' })).toMatchObject({ device: '7', rule: '3', q: 'hot' });
});

test('a tab is no filter', () => {
  expect(isFiltered(view({ tab: 'resolved' }))).toBe(false);
  expect(isFiltered(view({ text: 'hot' }))).toBe(true);
});

const event = (rest: object = {}): FeedEvent => ({
  type: 'alert',
  device_id: 7,
  device_name: 'boiler',
  timestamp: '2026-03-01T12:00:00Z',
  event: 'acknowledged',
  alert_id: 41,
  severity: 'major',
  state: 'acknowledged',
  message: 'too hot',
  occurrences: 3,
  assignee: 'eva',
  ...rest,
});

test('news change their alert and no other', () => {
  const alert = { id: 41, state: 'active', severity: 'major', message: 'hot', occurrences: 1, assignee: null } as Alert;
  const news = newsOf(event())!;
  expect(withNews(alert, news)).toMatchObject({ state: 'acknowledged', message: 'too hot', occurrences: 3 });
  expect(withNews({ ...alert, id: 42 }, news)).toMatchObject({ state: 'active', message: 'hot' });
});

test('an event that says too little is no news', () => {
  expect(newsOf(event({ alert_id: undefined }))).toBeNull();
  expect(newsOf(event({ severity: 'awful' }))).toBeNull();
  expect(newsOf(event({ state: 'pending' }))).toBeNull();
});
