// sudo npm run test:compose – starts the processes of infra/compose/compose.yaml without containers, Grafana's left out, in a
// network of their own, and lets a run go through them. Needs root, Go, and Debian's postgresql and prometheus.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { composeServices } from './compose-file.js';
import { serveNames } from './names.js';
import { linkPrograms } from './programs.js';
import { Processes } from './processes.js';

const INSIDE = 'TEMPER_COMPOSE_INSIDE';
const ADDRESS = '127.0.0.1';

const programs = process.env[INSIDE] ?? '';
if (!programs) {
  // Built and fetched outside, where there is a network.
  const links = await mkdtemp(join(tmpdir(), 'temper-compose-programs-'));
  await linkPrograms(links);
  const child = spawn('unshare', ['--net', '--mount', process.execPath, fileURLToPath(import.meta.url)], {
    env: { ...process.env, [INSIDE]: links },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number];
  await rm(links, { recursive: true });
  process.exit(code ?? 1);
}

const secret = () => randomBytes(16).toString('hex');
const keys = {
  POSTGRES_PASSWORD: secret(),
  S3_ACCESS_KEY_ID: `temper${secret()}`,
  S3_SECRET_ACCESS_KEY: secret(),
  GRAFANA_PASSWORD: secret(),
};
const folder = await mkdtemp(join(tmpdir(), 'temper-compose-'));
const services = (await composeServices(keys, join(folder, 'volumes'))).filter(
  ({ name }) => name !== 'grafana',
);
await network(services.map(({ name }) => name));
const names = await serveNames(new Map(services.map(({ name }) => [name, ADDRESS])));
const processes = new Processes(services, { programs, folder });
try {
  await processes.start();
  await seen('up{job="temper-worker"} == 1');
  await run();
  await seen('temper_training_steps_total > 0');
  console.log('✔ Prometheus has the worker’s metrics');
  const page = await fetch(`http://${ADDRESS}:8080/`);
  if (!page.ok) throw new Error(`Temporal's UI answers ${page.status}`);
  console.log("✔ Temporal's UI answers");
} finally {
  await processes[Symbol.asyncDispose]();
  await names[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

/** A loopback of its own, on which each service's name is known, for this process and those that it starts. */
async function network(services: readonly string[]): Promise<void> {
  const files = {
    hosts: `${ADDRESS} localhost ${services.join(' ')}\n`,
    'resolv.conf': `nameserver ${ADDRESS}\n`,
  };
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o644 });
    execFileSync('mount', ['--bind', join(folder, name), `/etc/${name}`]);
  }
  // The database's user reads nothing else in here.
  execFileSync('chmod', ['0711', folder]);
}

/** As from the machine that the containers are on, by the page's own words (docs/deployment.md). */
async function run(): Promise<void> {
  const here = join(folder, 'client');
  execFileSync('mkdir', [here]);
  const tiny = await writeTinyPipeline(here, 300);
  const training = { maxSteps: 400, learningRate: 1e-3, trainBatchSize: 8, evalStrategy: 'no' };
  const spec = { ...tiny, name: 'composed', training };
  await writeFile(join(here, 'spec.yaml'), stringify(spec));
  const temper = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));
  const environment = {
    PATH: process.env['PATH'],
    HOME: here,
    TEMPORAL_ADDRESS: `${ADDRESS}:7233`,
    S3_ENDPOINT: `http://${ADDRESS}:8333`,
    S3_BUCKET: 'temper',
    ...keys,
  };
  const child = spawn(process.execPath, [temper, 'run', 'spec.yaml'], {
    cwd: here,
    env: environment,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`temper run ended with ${code}`);
  console.log('✔ a run went through the processes of the compose file');
}

/** Prometheus has found the worker by its name, and scrapes every 15 seconds. */
async function seen(query: string): Promise<void> {
  const url = `http://${ADDRESS}:9090/api/v1/query?${new URLSearchParams({ query }).toString()}`;
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(1_000)) {
    const reply = await fetch(url).catch(() => undefined);
    const { data } = (reply?.ok ? await reply.json() : {}) as { data?: { result: unknown[] } };
    if (data?.result.length) return;
  }
  throw new Error(`Prometheus has nothing of ${query}`);
}
