// A gateway of ThingsBoard with MQTT.js, as ThingsBoard's guides write it: it connects a device, sends for it, asks for
// its attributes, and passes a call on to it. Each thing that happens is a line of JSON.
import mqtt from 'mqtt';

const [port, accessToken, device] = process.argv.slice(2);
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: accessToken });
const publish = (topic, message) => client.publishAsync(topic, JSON.stringify(message), { qos: 1 });

client.on('connect', async () => {
  await client.subscribeAsync(['v1/gateway/attributes', 'v1/gateway/attributes/response', 'v1/gateway/rpc'], { qos: 1 });
  await publish('v1/gateway/connect', { device, type: 'thermometer' });
  await publish('v1/gateway/telemetry', { [device]: [{ ts: Date.now(), values: { temperature: 42 } }] });
  await publish('v1/gateway/attributes', { [device]: { firmware: '1.2' } });
  await publish('v1/gateway/attributes/request', { id: 1, device, client: true, key: 'firmware' });
  say('sent', {});
});
client.on('message', async (topic, message) => {
  const said = JSON.parse(message.toString());
  say('message', { topic, message: said });
  if (topic !== 'v1/gateway/rpc') return;
  await publish('v1/gateway/rpc', { device: said.device, id: said.data.id, data: { on: true } });
  await publish('v1/gateway/disconnect', { device });
  say('answered', {});
  client.end(false, () => process.exit(0));
});
client.on('error', (error) => say('error', { error: String(error) }));
setTimeout(() => process.exit(3), 25_000);
