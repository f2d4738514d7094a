/**
 * The walk of whoever watches: a rule is written with a mistake, which is shown where it stands; a known metric is
 * offered; the rule is mended, replayed over a history with one hot hour, tested, saved and changed.
 */
import assert from 'node:assert/strict';

const stamp = Date.now();
const device = `oven-${stamp}`;
const metric = `heat_${stamp}`;
const rule = `Oven ${stamp}`;
const MINUTE = 60_000;

const button = (page, label) => page.getByRole('button', { name: label, exact: true });

/** The expression's text, which lies in a shadow root. */
const editor = (page, label = 'Expression') => page.getByRole('textbox', { name: label, exact: true });

async function write(page, text) {
  await editor(page).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text, { delay: 15 });
}

/** A device and what it measured in the last three hours: cold, with one hot hour in their middle. */
async function history(url, token) {
  const post = async (path, headers, body) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path} answered ${answer.status}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const made = await post(
    '/api/v1/admin/devices',
    { Authorization: `admin ${token}` },
    { name: device, device_type: 'oven' },
  );
  const now = Date.now();
  const rows = Array.from({ length: 180 }, (_, minute) => ({
    ts: now - (180 - minute) * MINUTE,
    values: { [metric]: minute >= 60 && minute < 120 ? 210 + (minute % 7) : 150 + (minute % 5) },
  }));
  await post('/api/v1/telemetry', { 'X-API-Key': made.device.api_key }, rows);
}

export const steps = (url, token, shot) => ({
  'a mistake in an expression is shown where it stands': async (page) => {
    await history(url, token);
    await page.goto(`${url}/rules`);
    await page.getByRole('link', { name: 'New rule' }).click();
    await page.getByLabel('Name', { exact: true }).fill(rule);
    await page.getByRole('combobox', { name: 'Condition' }).click();
    await page.getByRole('option', { name: 'Expression' }).click();
    await write(page, `${metric} > averag(`);
    await page.keyboard.press('Escape');
    await page
      .getByText(/^Line 1, column/)
      .first()
      .waitFor();
    assert.equal(await editor(page).getAttribute('aria-invalid'), 'true');
    await page.locator('.cm-lintRange-error, .cm-lintPoint-error').first().waitFor();
    await shot(page, 'rule-mistake');
  },
  'a known metric is offered and taken': async (page) => {
    await write(page, metric.slice(0, 5));
    const offered = page.locator('.cm-tooltip-autocomplete li', { hasText: metric });
    await offered.waitFor();
    await shot(page, 'rule-completion');
    await offered.click();
    await page.keyboard.type(' > 200', { delay: 15 });
    await page.getByText(/^Line 1, column/).waitFor({ state: 'detached' });
    assert.equal(await editor(page).innerText(), `${metric} > 200`);
  },
  'it is refused without a name, at the field': async (page) => {
    await page.getByLabel('Name', { exact: true }).fill('');
    await button(page, 'Create').click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid'), 'true');
    await page.getByLabel('Name', { exact: true }).fill(rule);
  },
  'its replay over the history shows the one hot hour': async (page) => {
    await page.getByRole('tab', { name: 'Replay' }).click();
    await page.getByText('6h', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Device' }).fill(device);
    await page.getByRole('option', { name: device }).click();
    await button(page, 'Replay').click();
    await page.getByText('one alert would have begun').waitFor();
    await page.locator('.uplot canvas').first().waitFor();
    assert.equal(await page.getByRole('group', { name: 'Alerts: This draft' }).getByRole('button').count(), 1);
    await page.waitForTimeout(500);
    await shot(page, 'rule-replay');
  },
  'it is tested with messages, and saved': async (page) => {
    await page.getByRole('tab', { name: 'Test' }).click();
    await editor(page, 'Messages').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(
      JSON.stringify([150, 220].map((heat, index) => ({ ts: stamp + index, values: { [metric]: heat } }))),
    );
    await button(page, 'Test').click();
    await page.getByText('An alert begins').waitFor();
    await shot(page, 'rule-test');
    await button(page, 'Create').click();
    await page.waitForURL(/\/rules\/\d+/);
    await page.getByText('Version 1', { exact: true }).waitFor();
  },
  'a change is compared to what is in force, and becomes a version': async (page) => {
    await page.getByRole('tab', { name: 'Rule' }).click();
    await write(page, `${metric} > 400`);
    await page.getByRole('tab', { name: 'Replay' }).click();
    await page.getByText('6h', { exact: true }).click();
    await button(page, 'Replay').click();
    await page.getByText('only by the rule in force').first().waitFor();
    await page.waitForTimeout(500);
    await shot(page, 'rule-difference');
    await button(page, 'Save').click();
    await page.getByText('Version 2', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('What version 2 changed').waitFor();
    await shot(page, 'rule-versions');
  },
  'it is in the list, and switched off there': async (page) => {
    await page.goto(`${url}/rules`);
    await page.getByRole('link', { name: rule }).waitFor();
    await page.getByRole('combobox', { name: `Mode of ${rule}` }).click();
    await page.getByRole('option', { name: 'off' }).click();
    await page.reload();
    const mode = page.getByRole('combobox', { name: `Mode of ${rule}` });
    await mode.waitFor();
    assert.equal(await mode.inputValue(), 'off');
  },
});
