/**
 * The walk of alerts: a rule fires and its alert appears by itself, is acknowledged and resolved by the keyboard and
 * says why it began; channels are made and tested, and what goes over them is listed.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

const stamp = Date.now();
const receiver = `tickets ${stamp}`;
const bell = `bell ${stamp}`;

/**
 * @param api calls the platform: `api(method, path, body)`
 * @param deviceName answers the name of a device that sends numbers
 */
export const steps = (url, shot, api, deviceName) => {
  let device;
  let metric;
  let channel;
  const message = (severity) => `${severity} of ${stamp}`;

  /** Holds for whatever the device measures next. */
  const makeRule = (severity, value, actions = []) =>
    api('POST', '/api/v1/rules', {
      name: message(severity),
      severity,
      message: message(severity),
      scope: { devices: [device] },
      condition: { type: 'threshold_high', metric, threshold: value, clear: value - 1 },
      actions,
    });
  const row = (page, severity) =>
    page.locator('ul[aria-label="Alerts"] li').filter({ has: page.getByRole('link', { name: message(severity) }) });

  /** Moves down until the keyboard stands on the row. */
  const standOn = async (page, severity) => {
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press('j');
      if ((await row(page, severity).getAttribute('data-current')) === 'true') return;
    }
    assert.fail(`the keyboard does not come to ${message(severity)}`);
  };
  const button = (page, label) => page.getByRole('button', { name: label, exact: true });

  return {
    'alerts appear in the open inbox by themselves': async (page) => {
      device = await deviceName();
      const { latest_data: latest } = await api('GET', `/api/v1/telemetry/${encodeURIComponent(device)}/latest`);
      const [name, value] =
        Object.entries(latest).find(([name]) => name === 'temperature') ??
        Object.entries(latest).find(([, value]) => typeof value === 'number');
      metric = name;
      channel = await api('POST', '/api/v1/channels', { name: bell, kind: 'in_app' });
      await page.goto(`${url}/alerts`);
      await page.getByText('Live', { exact: true }).waitFor();
      const told = [{ type: 'notify', channel: channel.id }];
      await makeRule('major', value - 2, told);
      await row(page, 'major').waitFor({ timeout: 20_000 });
      await makeRule('critical', value - 3);
      await row(page, 'critical').waitFor({ timeout: 20_000 });
      await page.getByText('A critical alert began').waitFor();
      await page
        .locator('nav a[href="/alerts"]')
        .getByText(/^\d+ open$/)
        .waitFor();
      await shot(page, 'inbox-live');
    },
    'the bell rings for what is told in the dashboard': async (page) => {
      await page
        .getByRole('button', { name: /^Notifications, \d+ unread$/ })
        .first()
        .click();
      await page
        .getByText(new RegExp(`${stamp}`))
        .last()
        .waitFor();
      await shot(page, 'bell');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Notifications', exact: true }).first().waitFor();
    },
    'one is acknowledged by the keyboard': async (page) => {
      await page.goto(`${url}/alerts`);
      await row(page, 'major').waitFor();
      await standOn(page, 'major');
      await page.keyboard.press('a');
      await row(page, 'major').waitFor({ state: 'detached' });
      await page.getByRole('tab', { name: /Acknowledged/ }).click();
      await row(page, 'major')
        .getByText(/seen by/)
        .waitFor();
    },
    'its page shows why it began, its metric and who was told': async (page) => {
      await standOn(page, 'major');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: message('major'), level: 1 }).waitFor();
      await page.getByText(new RegExp(`^${metric} was \\S+, above \\S+`)).waitFor();
      await page.getByRole('table', { name: 'Values' }).getByText(metric).waitFor();
      await page.locator(`section[aria-label="${metric}"] .uplot canvas`).waitFor();
      await page.locator('section[aria-label="Who was told"]').getByText(bell).waitFor();
      await page.getByLabel('Comment').fill('the fan is on order');
      await button(page, 'Comment').click();
      await page.locator('section[aria-label="History"]').getByText('the fan is on order').waitFor();
    },
    "the device's page shows what is open about it": async (page) => {
      await page.goto(`${url}/devices/${encodeURIComponent(device)}`);
      await page
        .locator('section[aria-label="Open alerts"]')
        .getByRole('link', { name: message('critical') })
        .waitFor();
    },
    'one is resolved by the keyboard, with a reason': async (page) => {
      await page.goto(`${url}/alerts?tab=acknowledged`);
      await row(page, 'major').waitFor();
      await standOn(page, 'major');
      await page.keyboard.press('r');
      await page.getByLabel('Reason').fill('it was but a test');
      await page.keyboard.press('Enter');
      await row(page, 'major').waitFor({ state: 'detached' });
      await page.getByRole('tab', { name: /Resolved/ }).click();
      await row(page, 'major')
        .getByText(/resolved by/)
        .waitFor();
    },
    'a webhook is made, and a test shows what its receiver answers': async (page) => {
      const heard = [];
      const server = createServer((request, response) => {
        heard.push(`${request.method} ${request.url}`);
        request.resume();
        request.on('end', () => response.end('queued as 17'));
      });
      await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
      try {
        await page.goto(`${url}/channels`);
        await button(page, 'New channel').click();
        await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill(receiver);
        await page.getByRole('dialog').getByRole('combobox', { name: 'Kind' }).click();
        await page.getByRole('option', { name: 'Webhook' }).click();
        await page.getByLabel('URL').fill(`http://127.0.0.1:${server.address().port}/hook`);
        await page
          .getByLabel(/Signing secret/)
          .first()
          .fill('0123456789abcdef');
        await shot(page, 'new-channel');
        await button(page, 'Create').click();
        await button(page, 'Send a test').click();
        await page.getByRole('dialog').getByText('queued as 17').waitFor();
        assert.deepEqual(heard, ['POST /hook']);
        await page.waitForTimeout(300);
        await shot(page, 'channel-test');
        await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
      } finally {
        server.close();
      }
      await page
        .getByRole('row', { name: new RegExp(receiver) })
        .getByText('delivered')
        .waitFor();
    },
    'its secret is kept when it is changed, and the delivery listed': async (page) => {
      await page.getByRole('button', { name: `Manage ${receiver}` }).click();
      await page.getByRole('menuitem', { name: 'Change' }).click();
      await page.getByRole('group', { name: 'Signing secret' }).getByText('Kept as it is').waitFor();
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill(`${receiver} 2`);
      await button(page, 'Save').click();
      await page.getByRole('cell', { name: `${receiver} 2`, exact: true }).waitFor();
      await page.getByRole('tab', { name: 'Deliveries' }).click();
      await page
        .getByRole('row', { name: new RegExp(`Test ${receiver} 2`) })
        .getByRole('button')
        .click();
      await page.getByRole('table', { name: 'Attempts' }).getByText('200 queued as 17').waitFor();
      await page.keyboard.press('Escape');
    },
  };
};
