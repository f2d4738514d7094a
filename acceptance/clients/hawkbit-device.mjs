// A device of hawkBit with @awesomeorganization/hawkbit-ddi: does what it finds when it polls, until it has done the
// last thing that it was told to wait for. Each thing that it does is a line of JSON.
import { hawkBitDDI } from '@awesomeorganization/hawkbit-ddi';

const [port, controllerId, targetToken, artifactsPath, last, finished] = process.argv.slice(2);
const say = (event, more) => console.log(JSON.stringify({ event, ...more }));
const must = (answer) => {
  if (answer instanceof Error) throw answer;
  return answer;
};
const todo = {
  async configData({ put }) {
    must(await put({ data: { serial: '4711' }, details: [], execution: 'closed', finished: 'success', mode: 'merge' }));
  },
  async deploymentBase({ get, postFeedback, downloadArtifact }) {
    const { deployment, id } = must(await get());
    const tell = async (execution, how, cnt) => must(await postFeedback({ cnt, details: [`is ${execution}`], execution,
      finished: how, of: 4 }));
    await tell('proceeding', 'none', 1);
    const artifact = deployment.chunks[0].artifacts[0];
    const from = must(await downloadArtifact(artifact));
    say('downloaded', { id, from, update: deployment.update, filename: artifact.filename });
    await tell('downloaded', 'none', 3);
    await tell('closed', finished, 4);
  },
  async cancelAction({ get, postFeedback }) {
    const { cancelAction } = must(await get());
    must(await postFeedback({ details: [], execution: 'closed', finished: 'success' }));
    say('stopped', cancelAction);
  },
};

for (let done; done !== last;) {
  // A new client each time: one of them waits for as long as the server says between two polls.
  const { polling } = await hawkBitDDI({ artifactsPath, controllerId, downloadField: 'download-http',
    hashAlgorithm: 'sha256', targetToken, tenant: 'default', url: `http://127.0.0.1:${port}` });
  const { action, methods } = must(await polling());
  if (action === undefined) continue;
  await todo[action](methods);
  say(action, {});
  done = action;
}
process.exit(0);
