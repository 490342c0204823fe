// npm run test:gc -- [--rounds 50] [--kills 2]
// Collections beside two pipelines that never stop: real servers, real trainings. After each round everything that a run
// or a version needs is there, and everything that was garbage before it is gone. Exits with 1 where that does not hold.
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { vacuumStore } from '@temper/services';
import { blobKey, deleteVersion, digestOfBytes } from '@temper/storage';
import { Rig } from '../faults/rig.js';
import { bytesIn } from './bytes-in.js';
import { lost, unnamed } from './reachable.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, kills: { type: 'string', default: '2' } },
});
const [rounds, kills] = [Number(values.rounds), Number(values.kills)];
const say = (text: string) => process.stdout.write(`${text}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
Runtime.install({ logger: new DefaultLogger('ERROR') });

await using rig = await Rig.start();
await using _worker = await rig.worker();
const running = new Set<string>();
const published: string[] = [];
const failed: string[] = [];
let over = false;

/** One run after the other, each with a seed of its own; what it published before is deleted. */
async function pipeline(name: string, first: number): Promise<void> {
  for (let seed = first; !over; seed += 2) {
    const training = { seed, saveSteps: 4, maxSteps: 16, evalStrategy: 'steps', evalSteps: 8 } as const;
    const runId = await rig.client.submit({ ...rig.spec(name, training), publish: { model: name } });
    running.add(runId);
    const { status, model, error } = await rig.client.result(runId);
    running.delete(runId);
    if (status !== 'completed') failed.push(`${runId} ${status}: ${error?.message}`);
    if (!model) continue;
    published.push(runId);
    if (model.version > 1) await deleteVersion(rig.store, `${name}:${model.version - 1}`, 'test');
  }
}

/** As an upload leaves it that is killed: nothing has ever named it. */
async function orphan(): Promise<string> {
  const bytes = randomBytes(50_000);
  const key = blobKey(digestOfBytes(bytes));
  await rig.store.put(key, bytes);
  return key;
}

interface Report {
  readonly busy?: string;
  readonly missing: readonly object[];
  readonly removed: readonly string[];
  readonly kept: number;
  readonly freed: number;
}

/** Undefined where it was killed. */
async function collection(kill: boolean): Promise<Report | undefined> {
  const env = { ...process.env, ...rig.services.env };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'collector.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => said.push(bytes));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (kill) {
    await sleep(700 + Math.random() * 600);
    child.kill('SIGKILL');
  }
  const code = await ended;
  if (code === 0) return JSON.parse(Buffer.concat(said).toString()) as Report;
  if (!kill) failed.push(`a collection ended with ${code}`);
  return undefined;
}

const pipelines = [pipeline('gc-one', 1), pipeline('gc-two', 2)];
// The first collection is to have something to look at.
while (running.size < 2) await sleep(100);
let freed = 0;
for (let round = 1; round <= rounds; round++) {
  await sleep(200);
  const key = await orphan();
  const beside = [...running];
  const report = await collection(
    round % Math.max(2, Math.floor(rounds / (kills + 1))) === 1 && round > 1 && kills > 0,
  );
  const gone = await lost(rig.artifacts, rig.client, [...running]);
  failed.push(...gone.map((what) => `round ${round}: ${what}`));
  if (!report || report.busy) {
    say(`round ${round}: ${report ? `another is at work: ${report.busy}` : 'killed'}; ${gone.length} lost`);
    continue;
  }
  if (report.missing.length) failed.push(`round ${round}: missing ${JSON.stringify(report.missing)}`);
  if (await rig.store.head(key)) failed.push(`round ${round}: ${key} is still there`);
  freed += report.freed;
  say(
    `round ${round}: beside ${beside.length} runs, ${megabytes(report.kept + report.freed)} before, ` +
      `${megabytes(report.kept)} after, ${report.removed.length} objects removed; ${gone.length} lost`,
  );
}
over = true;
await Promise.all(pipelines);
// The collections of the last rounds may have been killed: the next takes over after a minute.
let last = await collection(false);
while (last?.busy) {
  await sleep(5_000);
  last = await collection(false);
}
const again = await collection(false);
const kept = (again?.removed ?? []).filter((key) => key.startsWith('blobs/') || key.startsWith('manifests/'));
failed.push(...kept.map((key) => `a second collection removed ${key}`));
failed.push(
  ...(await lost(rig.artifacts, rig.client, [])),
  ...(await unnamed(rig.store)).map((key) => `${key} is garbage`),
);
const disk = join(rig.folder, '.temper', 's3');
const before = await bytesIn(disk);
const vacuumed = await vacuumStore(join(rig.folder, '.temper'), { live: again?.kept ?? 0 });
say(
  `${published.length} runs published, ${megabytes(freed)} freed, ${megabytes(again?.kept ?? 0)} kept; ` +
    `on disk ${megabytes(before)}, after ${vacuumed ? 'vacuum' : 'no vacuum'} ${megabytes(await bytesIn(disk))}`,
);
for (const what of failed) say(`DOES NOT HOLD: ${what}`);
process.exitCode = failed.length || published.length < 2 ? 1 : 0;
