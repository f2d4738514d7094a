// A device of ThingsBoard with MQTT.js, as ThingsBoard's guides write it: telemetry, attributes, and remote calls.
// Each thing that happens is a line of JSON.
import mqtt from 'mqtt';

const [port, accessToken] = process.argv.slice(2);
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: accessToken });

client.on('connect', () => {
  client.subscribe(['v1/devices/me/attributes', 'v1/devices/me/attributes/response/+', 'v1/devices/me/rpc/request/+'],
    { qos: 1 }, (error, granted) => {
      say('subscribed', { error: error ? String(error) : null, granted: granted?.map((it) => it.qos) });
      client.publish('v1/devices/me/attributes', JSON.stringify({ firmware: '1.2' }), { qos: 1 }, () => {
        client.publish('v1/devices/me/telemetry', JSON.stringify({ temperature: 42 }), { qos: 1 }, () => {
          client.publish('v1/devices/me/attributes/request/1', JSON.stringify({ clientKeys: 'firmware' }));
        });
      });
    });
});
client.on('message', (topic, message) => {
  say('message', { topic, message: JSON.parse(message.toString()) });
  if (!topic.startsWith('v1/devices/me/rpc/request/')) return;
  const number = topic.slice('v1/devices/me/rpc/request/'.length);
  client.publish(`v1/devices/me/rpc/response/${number}`, JSON.stringify({ on: true }), { qos: 1 }, () => {
    say('answered', {});
    client.end(false, () => process.exit(0));
  });
});
client.on('error', (error) => say('error', { error: String(error) }));
setTimeout(() => process.exit(3), 25_000);
