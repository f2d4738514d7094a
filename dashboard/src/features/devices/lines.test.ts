import { expect, test } from 'vitest';
import { curlLine, mosquittoLine } from './lines';

test('the lines can be pasted as they are', () => {
  expect(curlLine({ origin: 'http://box:8080' }, 'k')).toBe(
    `curl -X POST http://box:8080/api/v1/telemetry -H 'X-API-Key: k' -H 'Content-Type: application/json' -d '{"temperature": 23.5}'`,
  );
  expect(mosquittoLine({ origin: 'http://box:8080', mqttPort: 1884 }, { id: 7 }, 'k')).toBe(
    `mosquitto_pub -h box -p 1884 -u 7 -P k -q 1 -t devices/7/telemetry -m '{"temperature": 23.5}'`,
  );
  expect(mosquittoLine({ origin: 'https://[::1]' }, { id: 7 }, 'k')).toContain('-h ::1 -p 1883 ');
});
