import { expect, test } from 'vitest';
import type { FeedEvent } from '@/live/feed';
import { wordsOf } from './activity';

const event = (fields: Partial<FeedEvent>): FeedEvent =>
  ({ device_id: 1, device_name: 'd', timestamp: 't', type: 'telemetry', ...fields }) as FeedEvent;

test.each([
  [event({ data: { a: 1.5, b: true } }), 'a 1.5, b true'],
  [event({ data: { a: 1, b: 2, c: 3, d: 4, e: 5 } }), 'a 1, b 2, c 3 and 2 more'],
  [event({ type: 'device', is_online: true }), 'came online'],
  [event({ type: 'device', is_online: false }), 'went offline'],
  [event({ type: 'device', status: 'maintenance' }), 'is now maintenance'],
  [event({ type: 'device' }), 'changed'],
  [event({ type: 'command', command: 'restart', status: 'sent' }), 'command restart sent'],
])('%j', (given, words) => expect(wordsOf(given)).toBe(words));
