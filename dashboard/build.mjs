/**
 * What Maven runs: `node build.mjs build <folder>` and `node build.mjs test`. Does only what is needed: packages are
 * installed when the lock file has changed since they last were, and the pages are built when one of their sources
 * has.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const API = join(HERE, '../server/src/main/resources/openapi.yaml');
const INSTALLED = join(HERE, 'node_modules/.iotflow-installed');
const BUILT = join(HERE, 'target/dashboard.built');
/** All that the built pages depend on; what is generated is left out. */
const SOURCES = ['src', 'public', 'index.html', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'];
const GENERATED = 'src/api/schema.d.ts';

const [task, output = join(HERE, 'target/classes/dashboard')] = process.argv.slice(2);
checkNode();
install();
if (task === 'build') build();
else if (task === 'test') test();
else stop(`Say build or test, not ${task}.`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(
      `The dashboard needs Node 20.19 or newer, this is ${process.versions.node}. See nodejs.org, or your package manager.`,
    );
  }
}

function install() {
  const lock = fingerprint([join(HERE, 'package-lock.json')]);
  if (remembered(INSTALLED) === lock) return;
  run('npm', ['ci', '--no-progress', '--loglevel=error']);
  writeFileSync(INSTALLED, lock);
}

function build() {
  const sources = fingerprint([...SOURCES.map((name) => join(HERE, name)), API]);
  if (remembered(BUILT) === sources && existsSync(join(output, 'index.html'))) {
    console.log('dashboard: up to date');
    return;
  }
  rmSync(BUILT, { force: true });
  run('npm', ['run', '--silent', 'build'], { IOTFLOW_DASHBOARD_OUT: output });
  mkdirSync(dirname(BUILT), { recursive: true });
  writeFileSync(BUILT, sources);
}

function test() {
  if (!existsSync(join(HERE, GENERATED))) run('npm', ['run', '--silent', 'generate']);
  run('npm', ['test', '--silent']);
}

/** One word for the content of files and folders, the same on every machine. */
function fingerprint(roots) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else if (relative(HERE, path) !== GENERATED && !/\.test\.tsx?$/.test(path)) {
      hash.update(`${relative(HERE, path)}\0`).update(readFileSync(path));
    }
  };
  roots.forEach(visit);
  return hash.digest('hex');
}

function remembered(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: HERE,
    stdio: 'inherit',
    env: { ...process.env, CI: 'true', FORCE_COLOR: '0', NO_COLOR: '1', ...environment },
  });
  if (error?.code === 'ENOENT') stop(`${command} is not installed; it comes with Node.`);
  if (status !== 0) stop(`${command} ${args.join(' ')} failed.`);
}

function stop(sentence) {
  console.error(`dashboard: ${sentence}`);
  process.exit(1);
}
