// A thing of AWS IoT, with the SDK's own shadow client: reports that its lamp is off, does what is desired, and asks
// for the whole. Each thing that happens is a line of JSON.
const { thingShadow } = require('aws-iot-device-sdk');

const [host, port, folder, thing] = process.argv.slice(2);
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const shadows = thingShadow({
  host,
  port: Number(port),
  clientId: thing,
  keyPath: `${folder}/device.key`,
  certPath: `${folder}/device.crt`,
  caPath: `${folder}/iotflow.crt`,
});

shadows.on('connect', () => shadows.register(thing, { persistentSubscribe: true }, (error, failed) => {
  say('registered', { failed: failed ?? null, error: error ? String(error) : null });
  shadows.update(thing, { state: { reported: { on: false } } });
}));
shadows.on('status', (_, status, __, answer) => {
  say(status, { answer });
  if (status === 'accepted' && answer.state?.desired && answer.state?.reported) shadows.end(false, () => process.exit(0));
  else if (status === 'accepted' && answer.state?.reported?.on) shadows.get(thing);
});
shadows.on('delta', (_, answer) => {
  say('delta', { answer });
  shadows.update(thing, { state: { reported: answer.state } });
});
shadows.on('timeout', () => say('timeout', {}));
shadows.on('error', (error) => say('error', { error: String(error) }));
setTimeout(() => process.exit(3), 25_000);
