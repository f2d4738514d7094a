// A device of ThingsBoard that updates itself with MQTT.js, as ThingsBoard's guides write it: it is told of firmware by
// shared attributes, fetches it in chunks, checks it, and says in its telemetry how far it is.
import { createHash } from 'node:crypto';
import mqtt from 'mqtt';

const [port, accessToken] = process.argv.slice(2);
const CHUNK = 16384;
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: accessToken });
const publish = (topic, message) => client.publishAsync(topic, message, { qos: 1 });
const tell = (state, version) => publish('v1/devices/me/telemetry',
  JSON.stringify({ current_fw_title: 'lamp', current_fw_version: version, fw_state: state }));
let wanted;
let bytes = Buffer.alloc(0);
let chunk = 0;

client.on('connect', async () => {
  await client.subscribeAsync(['v1/devices/me/attributes', 'v1/devices/me/attributes/response/+',
    'v2/fw/response/+/chunk/+'], { qos: 1 });
  const sharedKeys = 'fw_checksum,fw_checksum_algorithm,fw_size,fw_title,fw_version';
  await publish('v1/devices/me/attributes/request/1', JSON.stringify({ sharedKeys }));
});
const begin = async (attributes) => {
  if (wanted || !attributes?.fw_version) return;
  wanted = attributes;
  say('offered', attributes);
  await tell('DOWNLOADING', 'v0');
  await publish(`v2/fw/request/1/chunk/${chunk}`, String(CHUNK));
};
const finish = async () => {
  await tell('DOWNLOADED', 'v0');
  const isGood = createHash(wanted.fw_checksum_algorithm.toLowerCase()).update(bytes).digest('hex') === wanted.fw_checksum;
  await tell(isGood ? 'VERIFIED' : 'FAILED', 'v0');
  if (isGood) {
    await tell('UPDATING', 'v0');
    await tell('UPDATED', wanted.fw_version);
  }
  say('done', { isGood });
  client.end(false, () => process.exit(0));
};
client.on('message', async (topic, message) => {
  if (topic === 'v1/devices/me/attributes') return begin(JSON.parse(message.toString()));
  if (topic.startsWith('v1/devices/me/attributes/response/')) return begin(JSON.parse(message.toString()).shared);
  bytes = Buffer.concat([bytes, message]);
  if (bytes.length >= wanted.fw_size) return finish();
  chunk += 1;
  return publish(`v2/fw/request/1/chunk/${chunk}`, String(CHUNK));
});
client.on('error', (error) => say('error', { error: String(error) }));
setTimeout(() => process.exit(3), 25_000);
