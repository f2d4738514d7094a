/**
 * Looks at the dashboard as a person would: signs in, opens every page, watches a device's value change, and keeps
 * screenshots in light, dark and at a phone's width.
 *
 * IOTFLOW_URL          where the platform is (http://127.0.0.1:8080)
 * IOTFLOW_TOKEN        the admin credential (required)
 * IOTFLOW_DEVICE       the name or id of a device that sends values that change (else the first that is online)
 * IOTFLOW_SCREENSHOTS  a folder (target/screenshots)
 * CHROMIUM             the browser (/usr/bin/chromium)
 *
 * Ends with 0 when all is well, 1 when something is not, 2 when it could not be tried.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumPath, DESKTOP, launch, PHONE, profile } from './browser.mjs';
import { steps as alertSteps } from './alerts.mjs';
import { look as lookAtUpdates, steps as updateSteps } from './updates.mjs';
import { steps as peoplesSteps } from './people.mjs';
import { look as lookAtPlaces, steps as placesSteps } from './places.mjs';
import { steps as rulesSteps } from './rules.mjs';
import { look as lookAtWatched, steps as watchSteps } from './watch.mjs';

const url = (process.env.IOTFLOW_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
const token = process.env.IOTFLOW_TOKEN;
const shots = process.env.IOTFLOW_SCREENSHOTS ?? fileURLToPath(new URL('../target/screenshots', import.meta.url));
const complaints = [];

if (!token) give('set IOTFLOW_TOKEN to the admin credential');
if (!chromiumPath()) give('no Chromium found; install it or set CHROMIUM');
mkdirSync(shots, { recursive: true });

function give(reason) {
  console.log(`not tried: ${reason}`);
  process.exit(2);
}

/** A call of the platform's API, which must succeed. */
async function api(method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `admin ${token}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? '' : await response.text()}`);
  return response.json();
}

async function deviceName() {
  if (process.env.IOTFLOW_DEVICE) return process.env.IOTFLOW_DEVICE;
  const { devices } = await api('GET', '/api/v1/admin/devices?limit=500');
  return devices.find((device) => device.is_online).name;
}

const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled' });

async function signIn(page) {
  await page.goto(`${url}/`);
  await page.getByText('Credential', { exact: true }).click();
  await page.getByLabel('Admin credential').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}

async function openDevice(page) {
  if (process.env.IOTFLOW_DEVICE) {
    await page.goto(`${url}/devices/${encodeURIComponent(process.env.IOTFLOW_DEVICE)}`);
  } else {
    await page.goto(`${url}/devices`);
    await page
      .locator('tr, li')
      .filter({ hasText: /Online/ })
      .locator('a[href^="/devices/"]')
      .first()
      .click();
  }
  await page.locator('[data-metric]').first().waitFor();
}

/** A request that some key has signed; of it the platform takes the public key. */
const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHRMHkCAQAwFzEVMBMGA1UEAwwMZ3JlZW5ob3VzZS0xMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEWruTGt75lHeXV8HzGCWFdFmsVwWCPBhBFU2oVeM5KhGHhchV
+Fc0uM/9VmqqbQzK7sw3BEKib83e8q1u624GGaAAMAoGCCqGSM49BAMCA0gAMEUC
IQDyGFD8Kwc35dL53nWKfnuVWWdN741grDGPbcKazf4c+wIgVHp9FxEq4+fDrvi6
plQzF0yVWIErJvvmobfdQ2749fg=
-----END CERTIFICATE REQUEST-----
`;

/** The words of all latest values, which must become others without the page being touched. */
const values = (page) => page.locator('[data-metric]').allInnerTexts();

const steps = {
  'a wrong credential is refused in a sentence': async (page) => {
    await page.goto(`${url}/devices`);
    await page.getByText('Credential', { exact: true }).click();
    await page.getByLabel('Admin credential').fill('this-is-not-it');
    await shot(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('does not know this credential').waitFor();
  },
  'the credential signs in': signIn,
  'the overview counts the fleet and hears what happens': async (page) => {
    await page.getByText(/^of \d/).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('ul[aria-label="Newest events"] li').first().waitFor({ timeout: 40_000 });
  },
  'the fleet is listed, searched and left empty-handed': async (page) => {
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no device has this name');
    await page.getByText('No device is like that').waitFor();
    await page.getByRole('button', { name: 'Show the whole fleet' }).click();
    await page.locator('tbody tr').first().waitFor();
  },
  'a device is registered and its key shown once': async (page) => {
    await page.goto(`${url}/devices`);
    await page.getByRole('button', { name: 'Register device' }).click();
    await page.getByLabel('Name', { exact: false }).first().fill(`browser-${Date.now()}`);
    await page.getByRole('combobox', { name: /Type/ }).last().fill('temperature');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const key = page.locator('code[aria-label="API key"]');
    await key.waitFor();
    assert.match(await key.innerText(), /^\S{32}$/);
    await page.waitForTimeout(300);
    await shot(page, 'register');
    await page.getByRole('button', { name: 'Open the device' }).click();
    await page.getByText('Nothing measured yet').waitFor();
  },
  'a key of its configuration is set': async (page) => {
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await page.getByLabel('Key').fill('telemetry_interval');
    await page.getByLabel('Value').fill('10');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByRole('cell', { name: 'telemetry_interval', exact: true }).waitFor();
  },
  'a certificate is issued for a request, and revoked': async (page) => {
    await page.getByRole('tab', { name: 'Identity' }).click();
    await page.getByRole('button', { name: 'Add a certificate' }).click();
    await page.getByLabel('Request in PEM').fill(REQUEST);
    await page.getByRole('button', { name: 'Issue' }).click();
    await page.locator('code[aria-label="Certificate"]').getByText('BEGIN CERTIFICATE').waitFor();
    await shot(page, 'certificate');
    await page.getByRole('button', { name: 'Done' }).click();
    await page
      .getByRole('table', { name: 'Certificates' })
      .getByRole('button', { name: /Manage/ })
      .click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('cell', { name: 'revoked' }).waitFor();
  },
  'it is decommissioned only when its name is typed': async (page) => {
    const name = await page.getByRole('heading', { level: 1 }).innerText();
    await page.getByRole('button', { name: 'Manage' }).click();
    await page.getByRole('menuitem', { name: 'Decommission' }).click();
    const act = page.getByRole('dialog').getByRole('button', { name: 'Decommission' });
    assert.equal(await act.isDisabled(), true);
    await page.getByRole('dialog').getByRole('textbox').fill(name);
    await act.click();
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
  },
  "a device's value changes by itself": async (page) => {
    await openDevice(page);
    await page.locator('.uplot canvas').first().waitFor();
    const before = await values(page);
    const deadline = Date.now() + 60_000;
    for (;;) {
      const now = await values(page);
      if (now.length > 0 && now.join() !== before.join()) break;
      assert.ok(Date.now() < deadline, `still ${before.join(', ')} after a minute`);
      await page.waitForTimeout(200);
    }
  },
  'a command is sent': async (page) => {
    await page.getByRole('button', { name: 'Send command' }).click();
    await page.getByRole('combobox', { name: 'Command' }).fill('get_status');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByRole('status').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  },
  'other ranges are drawn and exported': async (page) => {
    for (const range of ['24h', '7d', '1h']) {
      await page.getByText(range, { exact: true }).click();
      await page.waitForURL(new RegExp(`range=${range}`));
    }
    await page.locator('.uplot canvas').first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'NDJSON' }).click();
    assert.match((await download).suggestedFilename(), /\.ndjson$/);
  },
  ...alertSteps(url, shot, api, deviceName),
  'health names its parts': async (page) => {
    await page.goto(`${url}/system`);
    await page.locator('section[aria-label]').first().waitFor();
  },
  'signing out forgets the credential': async (page) => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Admin credential').waitFor();
    await page.goto(`${url}/devices`);
    await page.getByLabel('Admin credential').waitFor();
  },
};

/** Every page in one look; a page wider than its window is a fault on any. */
async function look(browser, colorScheme, viewport, name) {
  const { context, page } = await profile(browser, { viewport, colorScheme }, complaints);
  const keep = async (what) => {
    await shot(page, `${what}-${name}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${what}-${name} is ${overflow} pixels too wide`);
  };
  await signIn(page);
  await page.locator('ul[aria-label="Newest events"] li').first().waitFor({ timeout: 40_000 });
  await keep('overview');
  await page.goto(`${url}/devices`);
  await page.locator('a[href^="/devices/"]').first().waitFor();
  await keep('devices');
  await openDevice(page);
  await page.locator('.uplot canvas').first().waitFor();
  await page.waitForTimeout(800);
  await keep('device');
  await page.getByText('24h', { exact: true }).click();
  await page.waitForURL(/range=24h/);
  await page.locator('.uplot canvas').first().waitFor();
  await page.waitForTimeout(800);
  await keep('history');
  await page.getByRole('tab', { name: 'Identity' }).click();
  await page.getByText('Send a measurement').waitFor();
  await keep('identity');
  for (const [place, ready] of Object.entries(ADMINISTRATION)) {
    await page.goto(`${url}/${place}`);
    await page.locator(ready).first().waitFor();
    await keep(place.replace(/[/?]/g, '-'));
  }
  await page.goto(`${url}/alerts`);
  await page.locator('ul[aria-label="Alerts"] a[href^="/alerts/"]').first().click();
  await page.locator('section[aria-label="Why"]').waitFor();
  await page.locator('.uplot canvas').first().waitFor();
  await page.waitForTimeout(800);
  await keep('alert');
  await lookAtPlaces(page, url, keep);
  await lookAtUpdates(page, url, keep);
  await lookAtWatched(page, url, keep);
  await page.goto(`${url}/channels?tab=deliveries`);
  await page.locator('tbody tr').first().waitFor();
  await keep('deliveries');
  await page.goto(`${url}/audit`);
  await page.locator('a[href^="/audit/"]').first().click();
  await page.locator('section[aria-label="Proof"] li').first().waitFor();
  await keep('entry');
  await context.close();
}

/** Further pages, and what is there when they are. */
const ADMINISTRATION = {
  alerts: 'ul[aria-label="Alerts"] li',
  channels: 'tbody tr',
  groups: 'h1',
  'provisioning-keys': 'h1',
  certificates: 'h1',
  'device-types': 'h1',
  'device-types/new': 'h1',
  firmware: 'tbody tr',
  'firmware?tab=keys': 'h1',
  rollouts: 'tbody tr',
  'rollouts/new': 'h1',
  drift: 'h1',
  rules: 'tbody tr',
  'rules/new': 'h1',
  'rules/templates': 'section[aria-label="Security"] li',
  'geofences/new': 'section[aria-label="Map"] svg',
  'processing-rules': 'tbody tr',
  'processing-rules/new': 'section[aria-label="Dry run"]',
  users: 'tbody tr',
  roles: 'tbody tr',
  organizations: 'tbody tr',
  tokens: 'tbody tr',
  audit: 'section[data-tone]',
  account: 'section[aria-label="Who you are"]',
  system: 'section[aria-label]',
};

const browser = await launch();
let failed = 0;
const attempt = async (name, step, page) => {
  const started = Date.now();
  try {
    await step();
    console.log(`ok      ${name} (${Date.now() - started} ms)`);
  } catch (failure) {
    failed++;
    console.log(`FAILED  ${name}\n        ${String(failure.message).split('\n').slice(0, 6).join('\n        ')}`);
    await page?.screenshot({ path: join(shots, `failed-${failed}.png`) }).catch(() => {});
  }
};
try {
  const { context, page } = await profile(browser, { viewport: DESKTOP, colorScheme: 'light' }, complaints);
  for (const [name, step] of Object.entries(steps)) await attempt(name, () => step(page), page);
  await context.close();
  const people = await profile(browser, { viewport: DESKTOP, colorScheme: 'light' }, complaints);
  const walk = {
    'the credential signs in again': signIn,
    ...rulesSteps(url, token, shot),
    ...placesSteps(url, shot, api),
    ...updateSteps(url, shot, api),
    ...watchSteps(url, shot, api),
    ...peoplesSteps(url, shot),
  };
  for (const [name, step] of Object.entries(walk)) await attempt(name, () => step(people.page), people.page);
  await people.context.close();
  for (const [scheme, viewport, name] of [
    ['light', DESKTOP, 'light'],
    ['dark', DESKTOP, 'dark'],
    ['light', PHONE, 'phone'],
  ]) {
    await attempt(`every page is looked at (${name})`, () => look(browser, scheme, viewport, name));
  }
  await attempt('no page complained', async () => assert.deepEqual(complaints, []));
} finally {
  await browser.close();
}
console.log(`${failed === 0 ? 'All is well' : `${failed} failed`}; screenshots are in ${shots}`);
process.exit(failed === 0 ? 0 : 1);
