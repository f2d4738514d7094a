/**
 * The walk of whoever looks after one device: its shadow is edited while somebody else edits it; it is found on the map
 * and followed while it moves; its track and its whole story are read.
 */
import assert from 'node:assert/strict';

const stamp = Date.now();
const truck = `truck-${stamp}`;
let key;

const button = (page, label) => page.getByRole('button', { name: label, exact: true });

export const steps = (url, shot, api) => {
  const asDevice = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path} answered ${answer.status}`);
  };
  const desire = (desired) => api('PATCH', `/api/v1/devices/${truck}/shadow`, { desired });
  const row = (page, name) => page.getByRole('table', { name: 'Shadow' }).getByRole('row', { name });
  return {
    'a shadow shows both halves, and what differs': async (page) => {
      const { device } = await api('POST', '/api/v1/admin/devices', { name: truck, device_type: 'truck' });
      key = device.api_key;
      await asDevice('PATCH', '/api/v1/devices/shadow', {
        reported: { engine: { running: true, speed: 1200 }, firmware: '1.5.0' },
      });
      await desire({ engine: { running: false }, interval: 60 });
      await page.goto(`${url}/devices/${truck}?tab=shadow`);
      await row(page, /engine\.running.*still to come/).waitFor();
      await page.getByText('It differs in 2 keys.').waitFor();
      await shot(page, 'shadow');
    },
    'who edits it is told what somebody else has changed meanwhile, and goes on': async (page) => {
      await button(page, 'Edit desired').click();
      const editor = page.getByRole('textbox', { name: 'Desired', exact: true });
      await editor.click();
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Delete');
      await page.keyboard.insertText('{"engine": {"running": false}, "interval": 30}');
      await page.getByLabel('What is sent').getByText('"interval": 30').waitFor();
      await desire({ interval: 90, mode: 'eco' });
      const meanwhile = page.getByRole('list', { name: 'What was changed meanwhile' });
      await meanwhile.getByText('you change it too').waitFor();
      assert.equal(await button(page, 'Save').isDisabled(), true);
      await page.waitForTimeout(300);
      await shot(page, 'shadow-conflict');
      await button(page, 'Put my changes on top of it').click();
      await button(page, 'Save').click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await row(page, /interval.*30/).waitFor();
      await row(page, /mode.*eco/).waitFor();
    },
    'what the device reports is seen at once': async (page) => {
      await asDevice('PATCH', '/api/v1/devices/shadow', {
        reported: { engine: { running: false }, interval: 30, mode: 'eco' },
      });
      await page.getByText('It is as desired.').waitFor();
    },
    'the fleet is on a map, and a device moves on it': async (page) => {
      const now = Date.now();
      await asDevice(
        'POST',
        '/api/v1/telemetry',
        Array.from({ length: 40 }, (_, index) => ({
          ts: now - (40 - index) * 10_000,
          values: { latitude: 52.5 + index / 2_000, longitude: 13.38 + Math.sin(index / 6) / 60 },
        })),
      );
      await page.goto(`${url}/map`);
      await page.getByLabel('Filter').fill(`device.name.startsWith('truck-${stamp}')`);
      await page.getByText('1 device found').waitFor();
      const map = page.getByRole('group', { name: 'Map of the fleet' });
      const mark = map.getByRole('link', { name: `${truck}, online` });
      await mark.waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      await page.waitForTimeout(500);
      const before = await mark.getAttribute('transform');
      await asDevice('POST', '/api/v1/telemetry', { latitude: 52.5205, longitude: 13.385 });
      const moved = async () => (await mark.getAttribute('transform')) !== before;
      for (let tries = 0; tries < 60 && !(await moved()); tries++) await page.waitForTimeout(100);
      assert.ok(await moved(), 'the mark has moved');
      await page.getByLabel('Filter').fill('device.name ===');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Filter').fill('');
      await page.getByText(/with a known position$/).waitFor();
      await page.waitForTimeout(500);
      await shot(page, 'map-fleet');
    },
    'a mark leads to its device, and to where that was': async (page) => {
      await page.getByLabel('Filter').fill(`device.name === '${truck}'`);
      await page.getByText('1 device found').waitFor();
      await page
        .getByRole('group', { name: 'Map of the fleet' })
        .getByRole('link', { name: `${truck}, online` })
        .click();
      await page.getByRole('heading', { name: truck, level: 1 }).waitFor();
      const where = page.getByRole('region', { name: 'Where it is' });
      await where.getByText(/positions in the last 15 minutes/).waitFor();
      const slider = where.getByRole('slider');
      const now = await slider.getAttribute('aria-valuetext');
      await slider.focus();
      await page.keyboard.press('Home');
      assert.notEqual(await slider.getAttribute('aria-valuetext'), now);
      await shot(page, 'track');
    },
    'its timeline tells the whole story': async (page) => {
      await api('PUT', `/api/v1/admin/devices/${truck}/status`, { status: 'maintenance' });
      await api('POST', `/api/v1/devices/${truck}/commands`, { type: 'restart' });
      await page.getByRole('tab', { name: 'Timeline' }).click();
      for (const words of [
        'Device registered',
        'Something was desired of it',
        'It came online',
        'Device status changed',
      ])
        await page.getByText(words).first().waitFor();
      await page.getByText('Command restart: queued').waitFor();
      await shot(page, 'timeline');
      await page.getByText('Presence', { exact: true }).click();
      await page.getByText('Command restart: queued').waitFor({ state: 'detached' });
      await page.getByText('It came online').waitFor();
    },
  };
};

/** Its pages in one look, after the walk has left something to see. */
export async function look(page, url, keep) {
  await page.goto(`${url}/map`);
  await page.getByRole('group', { name: 'Map of the fleet' }).getByRole('link').first().waitFor();
  await page.waitForTimeout(500);
  await keep('map');
  await page.goto(`${url}/devices/${truck}`);
  await page.getByRole('region', { name: 'Where it is' }).waitFor();
  await page.waitForTimeout(500);
  await keep('track');
  await page.goto(`${url}/devices/${truck}?tab=shadow`);
  await page.getByRole('table', { name: 'Shadow' }).waitFor();
  await keep('shadow');
  await page.goto(`${url}/devices/${truck}?tab=timeline`);
  await page.getByText('Device registered').waitFor();
  await keep('timeline');
}
