// node test/dist/workflows/record-histories.js [NAME…] – runs each way through the workflows on a real server and writes its history (test/histories/README.md).
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { collectWorkflow, queuesOf, type Collected } from '@temper/contracts';
import { serverBinary } from '@temper/services';
import { WorkflowHarness } from './harness.js';
import { scheduled } from './scheduled.js';
import { startSweep, sweepWays } from './sweep-ways.js';
import { alertWays } from './ways/alerts.js';
import { controlWays } from './ways/control.js';
import { plainWays } from './ways/plain.js';
import { spec } from './ways/way.js';

const root = new URL('../../../', import.meta.url);
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string };
const folder = fileURLToPath(new URL(`test/histories/${version}/`, root));
await mkdir(folder, { recursive: true });

/** As the Temporal CLI writes it for replays, without names and paths of this machine. */
async function shown(workflowId: string): Promise<string> {
  const { path } = await serverBinary('temporal');
  const address = ['--address', harness.environment.address];
  const args = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', ...address];
  const { stdout } = await promisify(execFile)(path, args, { maxBuffer: 1e8 });
  return stdout
    .replaceAll(/"(identity|stackTrace)": "(?:[^"\\]|\\.)*"/g, '"$1": "left out"')
    .replaceAll(`${process.pid}@${hostname()}`, 'worker');
}
const write = async (name: string, workflowId = name) =>
  writeFile(join(folder, `${name}.json`), await shown(workflowId));

const asked = process.argv.slice(2);
const wanted = ([name]: readonly [string, ...unknown[]]) => !asked.length || asked.includes(name);

await using harness = await WorkflowHarness.start();
const ways = { ...plainWays, ...controlWays, ...alertWays };
for (const [name, { spec, activities, meanwhile }] of Object.entries(ways).filter(wanted)) {
  const handle = await harness.start({ runId: name, spec });
  await harness.withActivities(activities, async () => {
    await meanwhile?.(handle);
    await handle.result().catch(() => undefined);
  });
  await write(name);
}
for (const [name, { input, activities }] of Object.entries(sweepWays).filter(wanted)) {
  const handle = await startSweep(harness, { sweepId: name, ...input });
  await harness.withActivities(activities, () => handle.result().catch(() => undefined));
  await write(name);
}

const collected: Collected = {
  dryRun: false,
  bytes: { before: 3_000_000, after: 2_000_000, removed: 1_000_000 },
  objects: { before: 30, after: 20, removed: 10 },
  kept: [{ why: 'model mail:1', objects: 20, bytes: 2_000_000 }],
  removed: [{ why: 'nothing refers to it', objects: 10, bytes: 1_000_000 }],
  missing: 0,
  machine: 0,
};
const collection = 'collect-garbage';
if (wanted([collection])) {
  const taskQueue = queuesOf().workflow;
  await harness.withActivities({ collectGarbage: async () => collected }, () =>
    harness.client.workflow.execute(collectWorkflow, {
      workflowId: collection,
      taskQueue,
      args: [{ grace: '2h' }],
    }),
  );
  await write(collection);
}

// Only a schedule gives a run the result of the one before it.
const unchanged = 'fine-tune-unchanged';
if (wanted([unchanged])) {
  const again = async (run: () => Promise<{ runId: string } | undefined>) => {
    await run();
    await write(unchanged, (await run())!.runId);
  };
  await harness.withActivities({}, () =>
    scheduled(harness, { spec: spec(), onlyNewData: true }, again, unchanged),
  );
}
