/**
 * The walk of whoever operates a fleet: an image is uploaded, planned for devices, rolled out while its page is open,
 * halted by a failure and read about; a type and a group get a configuration, with a mistake on the way.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const stamp = Date.now();
const type = `probe-${stamp}`;
const group = `Hall ${stamp}`;
const rollout = `probes to 2.${stamp}`;
/** A piece and a bit, so that an upload is more than one request. */
const CONTENT = Buffer.alloc((4 << 20) + 4321, `${stamp}`);
const folder = mkdtempSync(join(tmpdir(), 'iotflow-images-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

/** A file with the content, as somebody has it who uploads a version. */
function file(version) {
  const path = join(folder, `probes-${version}.bin`);
  writeFileSync(path, CONTENT);
  return path;
}

const button = (page, label) => page.getByRole('button', { name: label, exact: true });
const dialog = (page) => page.getByRole('dialog');

/** Types into a code editor, which lies in a shadow root. */
async function write(page, label, text) {
  const editor = page.getByRole('textbox', { name: label });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** @param api calls the platform: `api(method, path, body)` */
export const steps = (url, shot, api) => {
  const devices = [];
  let made;

  /** What a device says of its update. */
  const report = async (device, body) => {
    const answer = await fetch(`${url}/api/v1/devices/firmware/status`, {
      method: 'POST',
      headers: { 'X-API-Key': device.api_key, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `report answered ${answer.status}`);
  };
  const offered = async (device) => {
    const answer = await fetch(`${url}/api/v1/devices/firmware`, { headers: { 'X-API-Key': device.api_key } });
    return (await answer.json()).update;
  };
  const takers = async () => {
    const found = await Promise.all(devices.map(offered));
    return devices.filter((_, index) => found[index]);
  };

  return {
    'an image is hashed, sent in pieces and made ready': async (page) => {
      for (let n = 1; n <= 6; n++) {
        const body = { name: `${type}-${n}`, device_type: type, firmware_version: '1.9' };
        devices.push((await api('POST', '/api/v1/admin/devices', body)).device);
      }
      await page.goto(`${url}/firmware`);
      await button(page, 'Upload an image').click();
      await page.locator('input[type="file"]').setInputFiles(file(`2.${stamp}`));
      await dialog(page).getByText(createHash('sha256').update(CONTENT).digest('hex')).waitFor();
      assert.equal(await dialog(page).getByLabel('Version', { exact: true }).inputValue(), `2.${stamp}`);
      await dialog(page).getByLabel('Release notes').fill('Reads the soil sensor twice.\nSleeps longer.');
      await dialog(page).locator('input').and(page.getByLabel('Device types')).fill(type);
      await page.keyboard.press('Enter');
      await page.waitForTimeout(300);
      await shot(page, 'upload');
      await dialog(page).getByRole('button', { name: 'Upload' }).click();
      await page.getByRole('heading', { name: rollout.replace(' to ', ' '), level: 1 }).waitFor({ timeout: 60_000 });
      await page.getByText('No device says that it runs').waitFor();
      await shot(page, 'image');
    },
    'a broken upload goes on where it stopped': async (page) => {
      const about = { name: 'probes', version: `3.${stamp}`, size: CONTENT.length, device_types: [type] };
      const sha256 = createHash('sha256').update(CONTENT).digest('hex');
      const { id } = await api('POST', '/api/v1/firmware', { ...about, sha256 });
      let broken = 0;
      await page.route(`**/firmware/${id}/content`, async (route) => {
        if (route.request().headers()['content-range'].startsWith('bytes 4194304-') && broken++ === 0) {
          return route.abort('connectionreset');
        }
        return route.continue();
      });
      await page.goto(`${url}/firmware/${id}`);
      await button(page, 'Go on with the upload').click();
      await page.locator('input[type="file"]').setInputFiles(file(`3.${stamp}`));
      await dialog(page).getByText(sha256).waitFor();
      await dialog(page).getByRole('button', { name: 'Go on' }).click();
      await page.getByText('ready', { exact: true }).waitFor({ timeout: 60_000 });
      assert.equal(broken, 2, 'the second piece was sent again');
      await page.unroute(`**/firmware/${id}/content`);
    },
    'a rollout is planned in steps and created': async (page) => {
      await page.goto(`${url}/firmware`);
      await page.getByRole('link', { name: rollout.replace(' to ', ' ') }).click();
      await page.getByRole('link', { name: 'Roll out' }).click();
      await page.getByLabel('Name of the rollout').waitFor();
      assert.equal(await page.getByLabel('Name of the rollout').inputValue(), rollout);
      await shot(page, 'rollout-image');
      await button(page, 'Next').click();
      await page.getByText('devices take part as of now').waitFor();
      await page.getByLabel('Filter').fill('device.nme ===');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Filter').fill(`device.name.startsWith('${type}')`);
      await page.getByRole('list', { name: 'Some of them' }).getByText(`${type}-6`).waitFor();
      await shot(page, 'rollout-devices');
      await button(page, 'Next').click();
      await page.getByLabel('Size of stage 1').fill('2');
      await page.getByText('all that are left, 4 devices as of now').waitFor();
      await shot(page, 'rollout-stages');
      await button(page, 'Next').click();
      await button(page, 'Add a window').click();
      await shot(page, 'rollout-time');
      await button(page, 'Remove window 1').click();
      await button(page, 'Next').click();
      await page.getByText('6 devices as of now').waitFor();
      await shot(page, 'rollout-review');
      await button(page, 'Create').click();
      await page.waitForURL(/\/rollouts\/\d+$/);
      made = Number(page.url().split('/').pop());
    },
    'its page follows it by itself': async (page) => {
      const states = page.getByRole('list', { name: 'Devices by state' });
      await states.getByText('2 offered').waitFor({ timeout: 30_000 });
      const [first, second] = await takers();
      await report(first, { status: 'downloading', progress: 40 });
      await states.getByText('1 downloading').waitFor();
      await page.getByText('downloading, 40 %').waitFor({ timeout: 15_000 });
      await shot(page, 'rollout-running');
      await report(first, { status: 'installed', firmware_version: `2.${stamp}` });
      await states.getByText('1 installed').waitFor();
      await page
        .getByRole('row', { name: new RegExp(first.name) })
        .getByRole('button', { name: 'Timeline' })
        .click();
      await page
        .getByRole('list', { name: `Steps to 2.${stamp}` })
        .getByText('downloading')
        .waitFor();
      await page.waitForTimeout(300);
      await shot(page, 'rollout-timeline');
      await page.keyboard.press('Escape');
      await button(page, 'Pause').click();
      await page.getByText('paused', { exact: true }).waitFor();
      await button(page, 'Resume').click();
      await page.getByText('running', { exact: true }).waitFor();
      for (let attempt = 0; attempt < 3; attempt++) {
        await report(second, { status: 'failed', detail: 'no room for the image' });
      }
      await page.getByRole('alert').getByText('It has halted').waitFor({ timeout: 20_000 });
      await shot(page, 'rollout-halted');
    },
    "a device's page shows what it runs, and offers an image": async (page) => {
      await page.goto(`${url}/devices/${encodeURIComponent(`${type}-6`)}?tab=firmware`);
      await button(page, 'Offer an image').click();
      await dialog(page).getByRole('combobox', { name: 'Image' }).click();
      await page.getByRole('option', { name: `probes 3.${stamp}` }).click();
      await dialog(page).getByRole('button', { name: 'Offer' }).click();
      const steps = page.getByRole('list', { name: `Steps to 3.${stamp}` });
      await steps.getByText('offered').waitFor();
      await report(devices[5], { status: 'downloading', progress: 70 });
      await steps.getByText('downloading').waitFor();
      await shot(page, 'device-firmware');
      await button(page, 'Call it back').click();
      await dialog(page).getByRole('button', { name: 'Call back' }).click();
      await steps.getByText('called back').waitFor();
    },
    'a rollout waits for a second person': async (page) => {
      const plan = { name: `again ${stamp}`, firmware_id: (await api('GET', `/api/v1/rollouts/${made}`)).firmware_id };
      const { id } = await api('POST', '/api/v1/rollouts', { ...plan, approval: true });
      await page.goto(`${url}/rollouts/${id}`);
      await button(page, 'Approve').click();
      await dialog(page).getByRole('button', { name: 'Approve' }).click();
      await dialog(page).getByText('Somebody else than its author').waitFor();
      await page.keyboard.press('Escape');
      await button(page, 'Abort').click();
      await dialog(page).getByRole('button', { name: 'Abort' }).click();
      await page.getByText('aborted', { exact: true }).waitFor();
    },
    'a type gets a schema, and a configuration that it allows': async (page) => {
      const { id } = await api('POST', '/api/v1/device-types', { name: type, metrics: [] });
      await page.goto(`${url}/device-types/${id}?tab=configuration`);
      await button(page, 'Write a schema').click();
      await button(page, 'Set').click();
      await page.getByText(/^Set by/).waitFor();
      await write(page, 'Configuration', '{\n  "interval": "often",\n  "limits": {"high": 80}\n}');
      await button(page, 'Review and activate').click();
      await dialog(page).getByText('6 devices are concerned').waitFor();
      await page.waitForTimeout(300);
      await shot(page, 'configuration-review');
      await dialog(page).getByRole('button', { name: 'Activate' }).click();
      await page.getByText(/^Line 2, column 4: /).waitFor();
      await shot(page, 'configuration-refused');
      await write(page, 'Configuration', '{\n  "interval": 60,\n  "limits": {"high": 80}\n}');
      await button(page, 'Review and activate').click();
      await dialog(page).getByRole('button', { name: 'Activate' }).click();
      await page.getByRole('heading', { name: 'Version 1 is active' }).waitFor();
      await shot(page, 'configuration-type');
    },
    "a group's draft is compared and activated": async (page) => {
      await page.goto(`${url}/groups`);
      await button(page, 'New group').click();
      await dialog(page).getByLabel('Name', { exact: true }).fill(group);
      await dialog(page).getByText('By a filter').click();
      await dialog(page).getByRole('textbox', { name: 'Filter' }).fill(`device.type === '${type}'`);
      await dialog(page).getByText('6 devices: ').waitFor();
      await dialog(page).getByRole('button', { name: 'Create' }).click();
      await page.getByRole('link', { name: group }).click();
      await page.getByRole('link', { name: `${type}-1` }).waitFor();
      await shot(page, 'group');
      await page.getByRole('tab', { name: 'Configuration' }).click();
      await write(page, 'Configuration', '{"limits": {"high": 90}}');
      await page.getByLabel('Note').fill('Summer');
      await button(page, 'Keep as a draft').click();
      await page.getByText('draft', { exact: true }).waitFor();
      await button(page, 'Activate').click();
      await dialog(page).getByText('/limits').waitFor();
      await dialog(page).getByRole('button', { name: 'Activate' }).click();
      await page.getByRole('heading', { name: 'Version 1 is active' }).waitFor();
      await shot(page, 'configuration-group');
      await page.goto(`${url}/devices/${encodeURIComponent(`${type}-1`)}?tab=configuration`);
      const limits = page.getByRole('row', { name: /^limits/ });
      await limits.getByText('{"high":90}').waitFor({ timeout: 30_000 });
      await limits.getByText(/group/).waitFor();
    },
    'signing keys are registered and removed': async (page) => {
      await page.goto(`${url}/firmware?tab=keys`);
      await button(page, 'Register a key').click();
      await dialog(page).getByLabel('Name', { exact: true }).fill(`release ${stamp}`);
      await dialog(page).getByLabel('Public key').fill('MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
      await dialog(page).getByRole('button', { name: 'Register' }).click();
      await page.getByRole('cell', { name: `release ${stamp}`, exact: true }).waitFor();
      await button(page, `Manage release ${stamp}`).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await dialog(page).getByRole('button', { name: 'Remove' }).click();
      await page.getByText('Firmware need not be signed').waitFor();
    },
  };
};

/** The pages of one thing each, as they stand after the walk. */
export async function look(page, url, keep) {
  const open = async (list, link) => {
    await page.goto(`${url}/${list}`);
    await page.locator(`a[href^="/${list}/"]:not([href$="/new"])`).filter(link).first().click();
  };
  await open('firmware', { hasText: `2.${stamp}` });
  await page.locator('section[aria-label="Release notes"]').waitFor();
  await keep('firmware-image');
  await open('rollouts', { hasText: rollout });
  await page.locator('section[aria-label="Devices"] tbody tr').first().waitFor();
  await keep('rollout');
  await open('groups', { hasText: group });
  await page.locator('tbody tr').first().waitFor();
  await keep('group');
  await page.getByRole('tab', { name: 'Configuration' }).click();
  await page.getByRole('heading', { name: 'Version 1 is active' }).waitFor();
  await keep('group-configuration');
  await open('device-types', { hasText: type });
  await page.getByRole('tab', { name: 'Configuration' }).click();
  await page.getByRole('heading', { name: 'Version 1 is active' }).waitFor();
  await keep('type-configuration');
  await page.goto(`${url}/devices/${encodeURIComponent(`${type}-6`)}?tab=firmware`);
  await page.locator('section[aria-label="Updates before"]').waitFor();
  await keep('device-firmware');
}
