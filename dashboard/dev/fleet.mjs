/** A pretend fleet, held in memory, whose values are functions of time: any history can be computed when asked for. */

const wave = (seconds, period, phase = 0) => Math.sin((2 * Math.PI * (seconds + phase)) / period);
const noise = (seconds, seed) => ((Math.sin(seconds * 12.9898 + seed * 78.233) * 43758.5453) % 1) - 0.5;
const round = (value, digits = 2) => Number(value.toFixed(digits));

const KINDS = {
  temperature: (s, n) => ({
    temperature: round(21 + 2.4 * wave(s, 86400, n * 900) + 0.5 * wave(s, 900, n * 37) + 0.35 * noise(s, n)),
    humidity: round(46 - 5 * wave(s, 86400, n * 900) + 1.6 * noise(s, n + 1)),
    battery: round(97 - ((s / 3600) % 700) / 12, 1),
  }),
  door_lock: (s, n) => ({
    locked: wave(s, 5400, n * 300) + 0.3 * wave(s, 1700) > -0.6,
    access_count: Math.floor((s / 5400) % 60),
    last_user: ['ayla', 'jonas', 'key fob', 'mira'][Math.floor(s / 5400 + n) % 4],
    battery: round(88 - ((s / 3600) % 900) / 15, 1),
  }),
  air_quality: (s, n) => ({
    co2: Math.round(620 + 180 * wave(s, 14400, n * 500) + 30 * noise(s, n)),
    pm25: round(9 + 4 * wave(s, 21600, n * 100) + 2 * Math.abs(noise(s, n)), 1),
    voc: Math.round(120 + 40 * wave(s, 7200) + 12 * noise(s, n)),
    temperature: round(22 + wave(s, 43200) + 0.2 * noise(s, n)),
  }),
  thermostat: (s, n) => ({
    temperature: round(20.5 + 0.8 * wave(s, 3600, n * 200) + 0.1 * noise(s, n)),
    target: Math.floor(s / 3600) % 24 > 6 ? 21 : 18,
    mode: wave(s, 3600, n * 200) < -0.2 ? 'heating' : 'idle',
  }),
  industrial_sensor: (s, n) => ({
    vibration: round(0.8 + 0.2 * wave(s, 600) + (noise(Math.floor(s), n) > 0.49 ? 1.6 : 0) + 0.1 * noise(s, n), 3),
    pressure: round(5.2 + 0.4 * wave(s, 7200) + 0.05 * noise(s, n), 3),
    rpm: Math.round(1480 + 20 * wave(s, 300) + 6 * noise(s, n)),
    running: wave(s, 28800) > -0.9,
  }),
};
const PLACES = ['Hall', 'Kitchen', 'Bedroom', 'Cellar', 'Garage', 'Line 1', 'Line 2', 'Roof'];

export function fleet(count) {
  const devices = new Map();
  const kinds = Object.keys(KINDS);
  for (let id = 1; id <= count; id++) {
    const kind = kinds[(id - 1) % kinds.length];
    devices.set(id, {
      id,
      name: `${kind.replace('_', '-')}-${String(Math.ceil(id / kinds.length)).padStart(3, '0')}`,
      device_type: kind,
      status: id % 17 === 0 ? 'maintenance' : 'active',
      description: null,
      location: PLACES[id % PLACES.length],
      firmware_version: `1.${id % 4}.0`,
      hardware_version: 'rev-b',
      metadata: { site: id % 2 ? 'A' : 'B' },
      capabilities: [],
      created_at: new Date(Date.now() - id * 3600_000).toISOString(),
      is_online: id % 6 !== 0,
      last_seen: new Date(Date.now() - (id % 6 === 0 ? id * 700_000 : 3000)).toISOString(),
      telemetry_count: id * 1234,
    });
  }
  return devices;
}

export const valuesAt = (device, millis) => KINDS[device.device_type]?.(millis / 1000, device.id) ?? {};
