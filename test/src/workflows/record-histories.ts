// node test/dist/workflows/record-histories.js [NAME …] – writes test/histories/*.json anew, all or those named.
// After a change of workflow code the old files must still replay (replay.test.ts); record others next to them.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Context } from '@temporalio/activity';
import { activityFailure } from '@temper/activity';
import { parsePipelineSpec, TemperError, type PipelineSpec, type StageActivities } from '@temper/contracts';
import { serverBinary } from '@temper/services';
import { fakes, WorkflowHarness } from './harness.js';
import { startSweep, sweepWays } from './sweep-ways.js';

const folder = fileURLToPath(new URL('../../histories/', import.meta.url));

const spec = (changes: Partial<PipelineSpec['resources']> = {}) =>
  parsePipelineSpec({
    name: 'mail',
    model: { base: './minilm' },
    dataset: { train: 'mail.csv' },
    resources: changes,
  });

const gate = [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }];
const died = new TemperError('TRAINER_DIED', 'the trainer process was killed by SIGKILL');

/** One way through the workflow a file. */
const ways: Record<string, { spec: PipelineSpec; activities: Partial<StageActivities> }> = {
  'fine-tune-completed': { spec: spec(), activities: {} },
  'fine-tune-cpu-pool': { spec: spec({ pool: 'cpu' }), activities: {} },
  'fine-tune-refused': {
    spec: spec(),
    activities: { evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate }) },
  },
  'fine-tune-retried': {
    spec: spec(),
    activities: {
      train: async (input) => {
        const { attempt } = Context.current().info;
        if (attempt < 2) throw activityFailure(died, attempt);
        return { ...(await fakes.train(input)), attempts: attempt };
      },
    },
  },
  'fine-tune-failed': {
    spec: spec(),
    activities: {
      ingest: async () => {
        throw activityFailure(
          new TemperError('DATA_INVALID', { path: 'mail.csv', message: 'no column label' }),
          1,
        );
      },
    },
  },
};

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

const asked = process.argv.slice(2);
const wanted = (name: string) => asked.length === 0 || asked.includes(name);

await using harness = await WorkflowHarness.start();
for (const [name, { spec, activities }] of Object.entries(ways)) {
  if (!wanted(name)) continue;
  const handle = await harness.start({ runId: name, spec });
  await harness.withActivities(activities, () => handle.result().catch(() => undefined));
  await writeFile(join(folder, `${name}.json`), await shown(name));
}
for (const [name, { input, activities }] of Object.entries(sweepWays)) {
  if (!wanted(name)) continue;
  const handle = await startSweep(harness, { sweepId: name, ...input });
  await harness.withActivities(activities, () => handle.result().catch(() => undefined));
  await writeFile(join(folder, `${name}.json`), await shown(name));
}
