/**
 * The offline development server: serves the built dashboard and answers enough of the API, from a pretend fleet in
 * memory, to look at every page without a platform. It keeps nothing and checks nothing but the credential `dev`; it
 * is no part of the product. `npm run build && npm run dev:server`, or beside `npm run dev`.
 *
 * PORT (8080), DEVICES (120)
 */
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fleet, valuesAt } from './fleet.mjs';
import { accept } from './websocket.mjs';

const port = Number(process.env.PORT ?? 8080);
const devices = fleet(Number(process.env.DEVICES ?? 120));
const files = fileURLToPath(new URL('../target/classes/dashboard/', import.meta.url));
const AUTHORIZATION = 'admin dev';
const STEP = 5_000;
/** For the pages that this server answers; who lacks a permission is not shown the way to the others. */
const PERMISSIONS = [
  'devices:read',
  'devices:write',
  'credentials:write',
  'telemetry:read',
  'configurations:write',
  'commands:send',
];
const started = Date.now();
const configurations = new Map();
const now = () => new Date().toISOString();
const uptime = () => Math.floor((Date.now() - started) / 1000);
const counters = { messages: 0, points: 0 };

// As the platform sends it; here so that a breach is seen early.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

class Refusal extends Error {
  constructor(status, title, detail, hint) {
    super(detail);
    Object.assign(this, { status, title, detail, hint });
  }
}

const found = (word) => {
  const device = devices.get(Number(word)) ?? [...devices.values()].find((each) => each.name === word);
  if (!device) throw new Refusal(404, 'Not found', `No device ${word}.`, 'Check the id or name.');
  return device;
};

function time(word, otherwise) {
  if (!word) return otherwise;
  const relative = /^-(\d+)([smhd])$/.exec(word);
  if (relative) return Date.now() - relative[1] * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[relative[2]];
  return Date.parse(word);
}

function list(query) {
  const search = (query.get('search') ?? query.get('q') ?? '').toLowerCase();
  const [, minus, column] = /^(-?)(.*)$/.exec(query.get('sort') ?? 'name');
  const all = [...devices.values()]
    .filter((d) => !search || `${d.name} ${d.id} ${d.location}`.toLowerCase().includes(search))
    .filter((d) => !query.get('device_type') || d.device_type === query.get('device_type'))
    .filter((d) => (query.get('status') ? d.status === query.get('status') : d.status !== 'decommissioned'))
    .sort((a, b) => (minus ? -1 : 1) * (String(a[column] ?? '') < String(b[column] ?? '') ? -1 : 1));
  const offset = Number(query.get('offset') ?? 0);
  const page = all.slice(offset, offset + Number(query.get('limit') ?? 50));
  return { devices: page, count: page.length, total: all.length, next_cursor: null };
}

function aggregated(device, query) {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(query.get('window'));
  const window = amount * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit];
  const metric = query.get('fields') ?? query.get('field');
  const [from, to] = span(query);
  const data = [];
  for (let at = from; at <= to; at += Math.max(window, STEP)) {
    if (query.get('aggregation') === 'last') {
      data.push({ timestamp: new Date(at).toISOString(), value: valuesAt(device, at)[metric] });
      continue;
    }
    const values = [0, 0.25, 0.5, 0.75]
      .map((part) => valuesAt(device, at + part * window)[metric])
      .slice(0, window > STEP ? 4 : 1);
    const avg = values.reduce((a, b) => a + b, 0) / values.length;
    data.push({
      timestamp: new Date(at).toISOString(),
      [metric]: { avg, min: Math.min(...values), max: Math.max(...values) },
    });
  }
  return { data, count: data.length };
}

const span = (query) => [
  time(query.get('start_time'), Date.now() - 36e5),
  Math.min(time(query.get('end_time'), Date.now()), Date.now()),
];

function rows(device, query) {
  const [from, to] = span(query);
  const metric = query.get('fields') ?? query.get('metric');
  const limit = Number(query.get('limit') ?? 1000);
  const data = [];
  for (let at = from; at <= to && data.length < limit; at += 30_000) {
    const values = valuesAt(device, at);
    data.push({ timestamp: new Date(at).toISOString(), ...(metric ? { [metric]: values[metric] } : values) });
  }
  return { data, count: data.length, next_cursor: data.length === limit ? 'more' : null };
}

const registered = (body) => {
  if ([...devices.values()].some((device) => device.name === body.name)) {
    throw new Refusal(409, 'Name already taken', `${body.name} exists.`, 'Choose another name.');
  }
  const id = Math.max(0, ...devices.keys()) + 1;
  const device = {
    id,
    status: 'active',
    is_online: false,
    last_seen: null,
    created_at: new Date().toISOString(),
    telemetry_count: 0,
    metadata: {},
    capabilities: [],
    ...body,
  };
  devices.set(id, device);
  return { message: 'Device registered', device: { ...device, api_key: key() } };
};
const counts = () => ({
  total: devices.size,
  online: [...devices.values()].filter((device) => device.is_online).length,
  by_type: [...devices.values()].reduce(
    (types, { device_type: type }) => ({ ...types, [type]: (types[type] ?? 0) + 1 }),
    {},
  ),
});
const key = () => randomBytes(16).toString('hex');

const part = (detail, measurements, status = 'healthy') => ({ status, detail, measurements });
const components = () => ({
  database: part('PostgreSQL 18.6 answers', { pool_active: 1, pool_idle: 9, pool_waiting: 0 }),
  journal: part('Commits are synced', {
    commit_p50_ms: 0.21,
    commit_p99_ms: 0.9,
    segments: 2,
    disk_used_bytes: 134217728,
    queue_depth: 3,
  }),
  telemetry_store: part('Follows the log', { lag_ms: 140, tables: 3, disk_used_bytes: 48211334 }),
  mqtt: part('Listens', { connections: 104, subscriptions: 12, port: 1883 }),
  http: part('Listens', { requests_active: 2, port: 8080 }),
  live_feed: part('Serves readers', { readers: feeds.size, dropped: 0 }),
});

/** Method and path, with `:device` for the device, to what answers. */
const routes = {
  'GET /api/v1/auth/me': () => ({ name: 'bootstrap', role: 'admin', organization_id: 1, permissions: PERMISSIONS }),
  'GET /api/v1/admin/devices': ({ query }) => list(query),
  'POST /api/v1/admin/devices': ({ body }) => registered(body),
  'GET /api/v1/admin/devices/:device': ({ device }) => ({
    status: 'success',
    device,
    configurations: configurations.get(device.id) ?? {},
    auth_records: [
      {
        id: 1,
        created_at: device.created_at,
        expires_at: null,
        last_used: device.last_seen,
        active: device.status !== 'decommissioned',
      },
    ],
  }),
  'DELETE /api/v1/admin/devices/:device': ({ device }) => {
    device.status = 'decommissioned';
    device.is_online = false;
    return { message: 'Device decommissioned', device_id: device.id };
  },
  'PUT /api/v1/admin/devices/:device/status': ({ device, body }) => {
    device.status = body.status;
    tell(event('device', device, { status: body.status }));
    return { message: 'Status changed', device };
  },
  'POST /api/v1/admin/devices/:device/api-key': () => ({ message: 'Key rotated', api_key: key() }),
  'GET /api/v1/devices/:device/configurations': () => ({ versions: [], count: 0, next_cursor: null }),
  'GET /api/v1/configurations/drift': () => ({ devices: [], count: 0, next_cursor: null }),
  'POST /api/v1/devices/:device/configurations': ({ device, body }) => {
    const mine = configurations.get(device.id) ?? {};
    mine[body.config_key] = {
      value: body.config_value,
      data_type: body.data_type,
      updated_at: new Date().toISOString(),
    };
    configurations.set(device.id, mine);
    return {
      message: 'Configuration set',
      device_id: device.id,
      version: Object.keys(mine).length,
      configuration: mine,
    };
  },
  'POST /api/v1/devices/:device/commands': ({ device, body }) => {
    tell(event('command', device, { command: body.type, status: 'sent' }));
    return {
      message: 'Command sent',
      command_id: randomBytes(6).toString('hex'),
      device_id: device.id,
      status: device.is_online ? 'sent' : 'queued',
      topic: `devices/${device.id}/commands`,
    };
  },
  'GET /api/v1/telemetry/:device/latest': ({ device }) => ({
    device_id: device.id,
    latest_data: device.last_seen
      ? { timestamp: device.last_seen, ...valuesAt(device, Date.parse(device.last_seen)) }
      : {},
  }),
  'GET /api/v1/telemetry/:device/aggregated': ({ device, query }) => aggregated(device, query),
  'GET /api/v1/telemetry/:device': ({ device, query }) => rows(device, query),
  'GET /api/v1/telemetry/:device/export': ({ device, query }) =>
    rows(device, query)
      .data.map((row) => JSON.stringify(row))
      .join('\n'),
  'GET /health': () => ({
    status: 'healthy',
    version: '0.1.0-dev',
    timestamp: now(),
    uptime_seconds: uptime(),
    components: components(),
  }),
  'GET /api/v1/mqtt/status': () => ({
    status: 'success',
    mqtt_status: { connected: true },
    broker_info: { host: '127.0.0.1', port: 1883, connected: true, tls_enabled: false },
  }),
  'GET /api/v1/admin/stats': () => ({
    status: 'success',
    devices: counts(),
    telemetry: { messages: counters.messages, points_written: counters.points },
  }),
  'GET /stats': () => ({
    status: 'success',
    version: '0.1.0-dev',
    timestamp: now(),
    uptime_seconds: uptime(),
    devices: counts(),
    messages: { accepted: counters.messages, refused: { malformed: 12, not_authorized: 3, type_changed: 1 } },
    points: { written: counters.points },
    store: { lag_ms: 140 },
  }),
};

function answer(method, path, query, body) {
  for (const [route, handler] of Object.entries(routes)) {
    const [verb, pattern] = route.split(' ');
    const match = new RegExp(`^${pattern.replace(':device', '([^/]+)')}$`).exec(path);
    if (verb === method && match)
      return handler({ query, body, device: match[1] && found(decodeURIComponent(match[1])) });
  }
  throw new Refusal(404, 'Not found', `${method} ${path} is not part of the development server.`, null);
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (!/^\/(api|health|stats|metrics)\b/.test(pathname)) return serveFile(pathname, response);
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    try {
      if (pathname.startsWith('/api') && request.headers.authorization !== AUTHORIZATION) {
        throw new Refusal(401, 'Unauthorized', 'The credential is not known.', 'Here it is: dev');
      }
      const result = answer(request.method, pathname, searchParams, text ? JSON.parse(text) : undefined);
      const type = typeof result === 'string' ? 'text/plain' : 'application/json';
      response.writeHead(request.method === 'POST' ? 201 : 200, { 'Content-Type': type });
      response.end(typeof result === 'string' ? result : JSON.stringify(result));
    } catch (failure) {
      const status = failure.status ?? 500;
      response.writeHead(status, { 'Content-Type': 'application/problem+json' });
      response.end(
        JSON.stringify({
          status,
          title: failure.title ?? 'Internal error',
          detail: failure.message,
          hint: failure.hint,
        }),
      );
    }
  });
});

/** A file of the build; every other path is a page of the dashboard. */
function serveFile(pathname, response) {
  const wanted = join(files, normalize(pathname));
  const file =
    wanted.startsWith(files) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(files, 'index.html');
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': POLICY,
  });
  response.end(readFileSync(file));
}

const feeds = new Map();
server.on('upgrade', (request, socket) => {
  const feed = accept(request, socket, {
    onText: (text) => {
      const message = JSON.parse(text);
      if (message.authorization && message.authorization !== AUTHORIZATION) feed.close(1008);
      if (message.subscribe) feeds.set(feed, [message.subscribe].flat());
    },
    onClose: () => feeds.delete(feed),
  });
});

const event = (type, device, rest) => ({
  type,
  device_id: device.id,
  device_name: device.name,
  timestamp: new Date().toISOString(),
  ...rest,
});

function tell(message) {
  const fits = ({ types, devices: wanted }) =>
    (!types || types.includes(message.type)) && (!wanted || wanted.includes(message.device_id));
  for (const [feed, wishes] of feeds) if (wishes.some(fits)) feed.send(message);
}

/** Each tick a twentieth of the online devices speaks; now and then one comes or goes. */
let tick = 0;
const timer = setInterval(() => {
  tick++;
  for (const device of devices.values()) {
    if (device.id % 17 && device.id <= 120 && tick % 45 === device.id % 45 && device.id % 6 < 2) {
      device.is_online = !device.is_online;
      tell(event('device', device, { event: device.is_online ? 'online' : 'offline', is_online: device.is_online }));
    }
    if (!device.is_online || device.status === 'decommissioned' || (device.id > 5 && (device.id + tick) % 10 !== 0))
      continue;
    const values = valuesAt(device, Date.now());
    device.last_seen = new Date().toISOString();
    counters.messages++;
    counters.points += Object.keys(values).length;
    tell(event('telemetry', device, { data: values }));
  }
}, 1000);

server.listen(port, '127.0.0.1', () =>
  console.log(`Development server on http://127.0.0.1:${server.address().port}, credential: dev`),
);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    clearInterval(timer);
    server.closeAllConnections();
    server.close();
    process.exit(0);
  });
}
