/**
 * The walk of people: whoever runs the platform makes an organization, a role and a user; the user sets up a second
 * factor, sees only what the role may do, and verifies the audit log, also one that a lying platform shows.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

const stamp = Date.now();
const plant = `Plant ${stamp}`;
const role = `auditor ${stamp}`;
const name = `eva-${stamp}`;
let password;
let secret;
/** A checkpoint of the log, from before the token was made. */
let earlier;

/** The code of an authenticator (RFC 6238), so many steps of 30 seconds from now. */
function code(steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const button = (page, label) => page.getByRole('button', { name: label, exact: true });
const inDialog = (page, label) => page.getByRole('dialog').getByRole('button', { name: label, exact: true });

async function choose(page, label, option) {
  await page.getByRole('dialog').getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
}

async function giveNameAndPassword(page) {
  await page.getByText('Name and password', { exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
}

export const steps = (url, shot) => ({
  'an organization is made': async (page) => {
    await page.goto(`${url}/organizations`);
    await button(page, 'New organization').click();
    await page.getByRole('dialog').getByLabel('Name').fill(plant);
    await inDialog(page, 'Create').click();
    await page.getByRole('cell', { name: plant, exact: true }).waitFor();
  },
  'a role is made of permissions': async (page) => {
    await page.goto(`${url}/roles`);
    await button(page, 'New role').click();
    await page.getByRole('dialog').getByLabel('Name').fill(role);
    await choose(page, 'Organization', plant);
    for (const permission of ['audit:read', 'devices:read', 'tokens:read', 'tokens:write']) {
      await page.getByRole('dialog').getByRole('checkbox', { name: permission, exact: true }).check();
    }
    await shot(page, 'new-role');
    await inDialog(page, 'Create').click();
    await page.getByRole('columnheader', { name: role }).waitFor();
  },
  'a user is made, and the password shown once': async (page) => {
    await page.goto(`${url}/users`);
    await button(page, 'New user').click();
    await page.getByRole('dialog').getByLabel('Name').fill(name);
    await choose(page, 'Organization', plant);
    await choose(page, 'Role', role);
    await shot(page, 'new-user');
    await inDialog(page, 'Create').click();
    const shown = page.locator('code[aria-label="Password"]');
    await shown.waitFor();
    password = await shown.innerText();
    await inDialog(page, 'Done').click();
    await page.getByRole('row', { name }).waitFor();
  },
  'the user signs in and sets up a second factor': async (page) => {
    await button(page, 'Sign out').click();
    await giveNameAndPassword(page);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.goto(`${url}/account`);
    await button(page, 'Set up').click();
    const shown = page.locator('code[aria-label="Or type the secret by hand"]');
    await shown.waitFor();
    secret = await shown.innerText();
    await page.getByRole('textbox', { name: 'Code' }).fill(code());
    await button(page, 'Turn on').click();
    await page.locator('code[aria-label="recovery codes"]').waitFor();
    await button(page, 'I have kept them').click();
    await button(page, 'Turn off').waitFor();
  },
  'then signing in takes a code': async (page) => {
    await button(page, 'Sign out').first().click();
    await giveNameAndPassword(page);
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.getByLabel('Code').fill('000000');
    await button(page, 'Sign in').click();
    await page.getByText('This code is not accepted').waitFor();
    // The one of this half minute has been used up.
    await page.getByLabel('Code').fill(code(1));
    await button(page, 'Sign in').click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  },
  'tabs that share the session renew it once, and stay signed in': async (page) => {
    const opened = page.context().waitForEvent('page');
    await page.evaluate(() => void window.open('/account'));
    const other = await opened;
    await other.getByText('Signing in takes a code').waitFor();
    const renewals = [];
    page.context().on('request', (request) => request.url().endsWith('/auth/refresh') && renewals.push(request));
    for (const tab of [page, other]) {
      await tab.evaluate(() => {
        const session = JSON.parse(sessionStorage.getItem('iotflow.session'));
        session.renewal.goodUntil = Date.now() + 5_000;
        sessionStorage.setItem('iotflow.session', JSON.stringify(session));
      });
    }
    await Promise.all([page.reload(), other.reload()]);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await other.getByText('Signing in takes a code').waitFor();
    const [one, two] = await Promise.all(
      [page, other].map((tab) => tab.evaluate(() => sessionStorage.getItem('iotflow.session'))),
    );
    assert.equal(one, two);
    assert.equal(renewals.length, 1);
    await other.close();
  },
  'what the role may not do is not offered': async (page) => {
    const links = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    const offered = links.map((link) => link.split('\n')[0]);
    for (const label of ['Devices', 'Service tokens', 'Audit log']) assert.ok(offered.includes(label), label);
    for (const label of ['Users', 'Roles', 'Organizations']) assert.ok(!offered.includes(label), label);
    await page.goto(`${url}/devices`);
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
    assert.equal(await button(page, 'Register device').count(), 0);
    await page.goto(`${url}/users`);
    await page.getByText('Your role does not include this page').waitFor();
  },
  'this browser remembers the log': async (page) => {
    await page.goto(`${url}/audit`);
    await page.getByText('The log is intact').waitFor();
    earlier = await page.evaluate(() => JSON.parse(localStorage.getItem('iotflow.audit')).note);
  },
  'a token is made with what the user may give': async (page) => {
    await page.goto(`${url}/tokens`);
    await button(page, 'New token').click();
    await page.getByRole('dialog').getByLabel('Name').fill('nightly');
    assert.equal(await page.getByRole('checkbox', { name: 'users:write' }).count(), 0);
    await page.getByRole('checkbox', { name: 'audit:read' }).check();
    await inDialog(page, 'Create').click();
    const shown = page.locator('code[aria-label="Token"]');
    await shown.waitFor();
    assert.match(await shown.innerText(), /^iotf_\S{43}$/);
    await inDialog(page, 'Done').click();
  },
  'the audit log is verified in the browser': async (page) => {
    await page.goto(`${url}/audit`);
    await page.getByText('The log is intact').waitFor();
    await page.getByText('token created').first().waitFor();
    await button(page, 'Verify').click();
    await page.getByText(/(\d+) of the \1 entries shown are proven/).waitFor();
    await shot(page, 'audit-verified');
    await page.getByText('token created').first().click();
    await page.getByText('That log is one with the log that this browser has checked').waitFor();
  },
  'an entry that is not what was logged is shouted out': async (page) => {
    await page.route(/\/api\/v1\/audit\?/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"nightly"', '"nothing"') });
    });
    await page.goto(`${url}/audit`);
    await page.getByText('nothing', { exact: true }).first().waitFor();
    await button(page, 'Verify').click();
    await page.getByRole('alert').getByText('An entry is not what was logged').waitFor();
    await shot(page, 'audit-forged');
    await page.unroute(/\/api\/v1\/audit\?/);
  },
  'a log that was rewritten is shouted out': async (page) => {
    // The platform shows less than this browser has seen.
    await page.route('**/api/v1/audit/checkpoint', (route) =>
      route.fulfill({ contentType: 'text/plain', body: earlier }),
    );
    await page.reload();
    await page.getByRole('alert').getByText('The log was rewritten').waitFor();
    await shot(page, 'audit-rewritten');
    await page.unroute('**/api/v1/audit/checkpoint');
  },
});
