import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowInterceptors, workflowsPath } from '@temper/plugin/workflows';
import { beforeAll, describe, expect, it } from 'vitest';
import { sweepWays } from './sweep-ways.js';
import { alertWays } from './ways/alerts.js';
import { controlWays } from './ways/control.js';
import { plainWays } from './ways/plain.js';

/** Where a worker's spans of workflows go. */
const noExporter = { exporter: { export: { fn: () => undefined } } };

const folder = join(import.meta.dirname, '../../histories');
const releases = readdirSync(folder).filter((name) => /^\d/.test(name));
const names = releases.flatMap((release) =>
  readdirSync(join(folder, release)).map((name) => join(release, name)),
);
const completed = join(releases[0]!, 'fine-tune-completed.json');
const history = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;

describe('histories that were recorded before', () => {
  let bundle: WorkflowBundle;
  let traced: WorkflowBundle;
  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger });
    const bundled = (options: { traced: boolean }) =>
      bundleWorkflowCode({
        workflowsPath: workflowsPath(),
        workflowInterceptorModules: workflowInterceptors(options),
        logger,
      });
    bundle = await bundled({ traced: false });
    traced = await bundled({ traced: true });
  });

  it('are there for every way through the workflows', () => {
    const ways = [plainWays, controlWays, alertWays, sweepWays].flatMap((some) => Object.keys(some));
    const recorded = names.map((name) => basename(name, '.json'));
    expect(recorded).toEqual(expect.arrayContaining([...ways, 'fine-tune-unchanged', 'collect-garbage']));
  });

  it.each(names)('replay with the code of today: %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: bundle }, history(name));
  });

  it.each(names)('replay on a worker that traces: %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: traced, sinks: noExporter }, history(name));
  });

  it('do not replay where somebody changed the workflow and forgot the patch', async () => {
    const broken = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./forgotten-patch.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    const replayed = Worker.runReplayHistory({ workflowBundle: broken }, history(completed));
    await expect(replayed).rejects.toBeInstanceOf(DeterminismViolationError);
  });

  it('do not replay with another order of stages', async () => {
    const changed = JSON.parse(
      JSON.stringify(history(completed)).replaceAll('"preprocess"', '"publish"'),
    ) as object;
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, changed)).rejects.toBeInstanceOf(
      DeterminismViolationError,
    );
  });
});
