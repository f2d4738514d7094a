/**
 * The walk of whoever draws: a rule begins from a template; an area is drawn with the mouse, mended with keys and
 * numbers, replaced by pasted GeoJSON and named by a rule; a device is followed through all that becomes of a message.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const stamp = Date.now();
const fence = `yard ${stamp}`;
const van = `van-${stamp}`;
const AT = { latitude: 52.5208, longitude: 13.4062 };

const button = (page, label) => page.getByRole('button', { name: label, exact: true });
const numberOf = async (page, label) => Number(await page.getByLabel(label, { exact: true }).inputValue());

export const steps = (url, shot, api) => ({
  'a rule begins from a template, and is not in force before it is created': async (page) => {
    await page.goto(`${url}/rules`);
    await page.getByRole('link', { name: 'Start from a template' }).click();
    await page.getByRole('region', { name: 'Compliance' }).waitFor();
    await shot(page, 'templates');
    await button(page, 'Use Impossible movement').click();
    await page.getByRole('dialog').getByLabel('Above kmh').fill('120');
    await page.getByText('moves faster than 120 km/h').waitFor();
    await page.waitForTimeout(300);
    await shot(page, 'template');
    await button(page, 'Go on in the editor').click();
    await page.waitForURL(/\/rules\/new$/);
    assert.equal(await numberOf(page, 'Faster than, in km/h'), 120);
    await page.getByLabel('Name', { exact: true }).fill(`Movement ${stamp}`);
    await page.getByRole('combobox', { name: 'Mode' }).click();
    await page.getByRole('option', { name: 'Off' }).click();
    await shot(page, 'template-editor');
    await button(page, 'Create').click();
    await page.getByText('Version 1', { exact: true }).waitFor();
  },
  'a circle is drawn with the mouse, and its rim is pulled': async (page) => {
    const { device } = await api('POST', '/api/v1/admin/devices', { name: van, device_type: 'vehicle' });
    const sent = await fetch(`${url}/api/v1/telemetry`, {
      method: 'POST',
      headers: { 'X-API-Key': device.api_key, 'Content-Type': 'application/json' },
      body: JSON.stringify(AT),
    });
    assert.ok(sent.ok, `telemetry answered ${sent.status}`);
    await page.goto(`${url}/geofences`);
    await page.getByRole('link', { name: 'New geofence' }).click();
    await page.getByLabel('Name', { exact: true }).fill(fence);
    const map = page.getByRole('group', { name: /^Map of/ });
    await map.click({ position: { x: 300, y: 200 } });
    await page.getByText('Drag the centre or the rim').waitFor();
    const before = await numberOf(page, 'Radius in metres');
    await page.getByLabel('Latitude', { exact: true }).fill('52.52');
    await page.getByLabel('Longitude', { exact: true }).fill('13.405');
    await button(page, 'Show everything').click();
    await drag(page, button(page, 'Radius'), 60, 0);
    assert.ok((await numberOf(page, 'Radius in metres')) > before, 'the circle has grown');
    await button(page, 'Undo').click();
    assert.equal(await numberOf(page, 'Radius in metres'), before);
    await page.getByRole('combobox', { name: 'Also show' }).fill(van);
    await page.getByRole('option', { name: van }).click();
    await page.getByRole('list', { name: 'Devices on the map' }).getByText('inside').waitFor();
    await shot(page, 'geofence-circle');
    await button(page, 'Create').click();
    await page.waitForURL(/\/geofences\/\d+$/);
    await button(page, 'Save').waitFor();
  },
  'it becomes a polygon that is mended with mouse and keys': async (page) => {
    await page.getByText('Polygon', { exact: true }).click();
    await button(page, 'Show everything').click();
    const corners = page.getByRole('button', { name: /^Point \d+$/ });
    assert.equal(await corners.count(), 8);
    await drag(page, page.getByRole('button', { name: 'A new point after point 2', exact: true }), 40, -20);
    assert.equal(await corners.count(), 9);
    await button(page, 'Point 3').focus();
    const before = await numberOf(page, 'Latitude of point 3');
    await page.keyboard.press('ArrowUp');
    assert.ok((await numberOf(page, 'Latitude of point 3')) > before, 'the arrow key moved it north');
    await page.keyboard.press('Delete');
    assert.equal(await corners.count(), 8);
    await page.waitForTimeout(300);
    await shot(page, 'geofence-polygon');
    await button(page, 'Save').click();
    await page.getByText('polygon of 8 points').first().waitFor();
  },
  'the map is moved and zoomed, and what was under the pointer stays there': async (page) => {
    const map = page.getByRole('group', { name: /^Map of/ });
    const corner = button(page, 'Point 1');
    const before = await corner.boundingBox();
    await map.hover({ position: { x: 30, y: 300 } });
    await page.mouse.down();
    await page.mouse.move(0, 0, { steps: 2 });
    await page.mouse.up();
    const moved = await corner.boundingBox();
    assert.ok(moved === null || moved.x < before.x, 'the map followed the mouse');
    await button(page, 'Show everything').click();
    await map.hover({ position: { x: 200, y: 150 } });
    const scroll = await page.evaluate(() => window.scrollY);
    await page.mouse.wheel(0, 200);
    assert.equal(await page.evaluate(() => window.scrollY), scroll, 'the page stays when the map is zoomed');
    assert.equal(await page.getByRole('button', { name: /^Point \d+$/ }).count(), 8);
  },
  'GeoJSON goes out and comes back': async (page) => {
    const download = page.waitForEvent('download');
    await button(page, 'Download').click();
    const text = readFileSync(await (await download).path(), 'utf8');
    const feature = JSON.parse(text);
    assert.equal(feature.geometry.coordinates[0].length, 9);
    await button(page, 'Paste').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('GeoJSON').fill('{"type":"Point","coordinates":[13.4,52.5]}');
    await button(page, 'Take it').click();
    await dialog.getByText('radius_m', { exact: false }).last().waitFor();
    feature.geometry.coordinates[0].splice(1, 1);
    await dialog.getByLabel('GeoJSON').fill(JSON.stringify(feature));
    await button(page, 'Take it').click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('button', { name: /^Point \d+$/ }).count(), 7);
    await button(page, 'Save').click();
    await page.getByText('polygon of 7 points').first().waitFor();
  },
  'a rule names it, and then it cannot be deleted': async (page) => {
    await page.goto(`${url}/rules/new`);
    await page.getByLabel('Name', { exact: true }).fill(`Left ${fence}`);
    await page.getByRole('combobox', { name: 'Condition' }).click();
    await page.getByRole('option', { name: 'Geofence' }).click();
    await page.getByRole('combobox', { name: 'Geofence' }).fill(fence.slice(0, 6));
    await page.getByRole('option', { name: fence }).click();
    await shot(page, 'geofence-rule');
    await button(page, 'Create').click();
    await page.getByText('Version 1', { exact: true }).waitFor();
    await page.goto(`${url}/geofences`);
    await page
      .getByRole('table', { name: 'Geofences' })
      .getByRole('button', { name: `Manage ${fence}` })
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText(`Left ${fence}`).waitFor();
    await page.keyboard.press('Escape');
  },
  'processing rules are reached, and one is made': async (page) => {
    await page.goto(`${url}/processing-rules`);
    await page.getByRole('heading', { name: 'Processing rules', level: 1 }).waitFor();
    await api('POST', '/api/v1/processing-rules', {
      name: `Heights ${stamp}`,
      scope: { devices: [van] },
      steps: [
        { type: 'calibrate', metric: 'height', offset: 100 },
        { type: 'drop', metric: 'noise' },
      ],
    });
    await page.reload();
    await page.getByRole('link', { name: `Heights ${stamp}` }).click();
    await page.getByRole('heading', { name: `Heights ${stamp}`, level: 1 }).waitFor();
  },
  'a device is followed, and what became of its message is said': async (page) => {
    const { device } = await api('GET', `/api/v1/admin/devices/${van}`);
    const { api_key } = await api('POST', `/api/v1/admin/devices/${device.id}/api-key`);
    await page.goto(`${url}/devices/${van}?tab=trace`);
    await button(page, 'Follow').click();
    await page.getByText('Nothing has come yet').waitFor();
    await button(page, 'Stop').click();
    await button(page, 'Follow').click();
    await page.getByText('Nothing has come yet').waitFor();
    const sent = await fetch(`${url}/api/v1/telemetry`, {
      method: 'POST',
      headers: { 'X-API-Key': api_key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...AT, latitude: 52.6, height: 5, noise: 1 }),
    });
    assert.ok(sent.ok, `telemetry answered ${sent.status}`);
    // What rules find by themselves stands in entries of its own.
    const seen = page.getByRole('list', { name: 'What was seen' });
    const entry = seen.getByRole('listitem').filter({ hasText: 'accepted' }).first();
    await entry.waitFor();
    await entry.getByRole('link', { name: `Heights ${stamp}` }).waitFor();
    const words = (await entry.innerText()).replace(/\s+/g, ' ');
    assert.match(words, /height 5 → 105/);
    assert.match(words, /noise taken away \(was 1\)/);
    await seen
      .getByRole('link', { name: `Left ${fence}` })
      .first()
      .waitFor();
    await entry.getByRole('button', { name: 'Raw JSON' }).click();
    await entry.getByText('"decoded"').waitFor();
    await shot(page, 'trace');
  },
});

async function drag(page, handle, right, down) {
  await handle.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await handle.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + right, y + height / 2 + down, { steps: 4 });
  await page.mouse.up();
}

/** Its pages in one look, after the walk has left something to see. */
export async function look(page, url, keep) {
  await page.goto(`${url}/geofences`);
  const table = page.getByRole('table', { name: 'Geofences' });
  await table.locator('a').first().waitFor();
  await keep('geofences');
  await table.locator('a').first().click();
  await page.getByRole('group', { name: /^Map of/ }).waitFor();
  await page.waitForTimeout(500);
  await keep('geofence');
  await page.goto(`${url}/devices/${van}?tab=trace`);
  await page.getByRole('list', { name: 'What was seen' }).getByRole('listitem').first().waitFor();
  await keep('trace');
}
