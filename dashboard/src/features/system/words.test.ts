import { expect, test } from 'vitest';
import { fieldWords, partWords } from './words';

test.each([
  ['lag_ms', 1500, ['lag', '1 s']],
  ['ping_us', 4530, ['ping', '4.53 ms']],
  ['ping_us', 240, ['ping', '0.24 ms']],
  ['ping_us', 1_500_000, ['ping', '1 s']],
  ['commit_p99_ms', 0.35, ['commit p99', '0.35 ms']],
  ['uptime_seconds', 3661, ['uptime', '1 h 1 min']],
  ['disk_used_bytes', 2048, ['disk used', '2 KiB']],
  ['queue_depth', 12000, ['queue depth', '12,000']],
  ['port', 1883, ['port', '1883']],
  ['url', 'jdbc:x', ['url', 'jdbc:x']],
])('%s = %j', (name, value, words) => expect(fieldWords(name, value)).toEqual(words));

test('parts are called by words', () => {
  expect(partWords('telemetry_store')).toBe('Telemetry store');
  expect(partWords('mqtt')).toBe('MQTT');
});
