import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowInterceptors, workflowsPath } from '@temper/plugin/workflows';
import { beforeAll, describe, expect, it } from 'vitest';

/** Where a worker's spans of workflows go. */
const noExporter = { exporter: { export: { fn: () => undefined } } };

const folder = join(import.meta.dirname, '../../histories');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
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

  it('are there for every way through the workflow', () => {
    const ways = ['completed', 'cached', 'failed', 'device-failed', 'refused', 'cancelled', 'retried']
      .concat('worker-killed', 'cpu-pool', 'gpu-chosen', 'pool-unknown')
      .map((way) => `fine-tune-${way}.json`);
    expect(names).toEqual(expect.arrayContaining(ways));
  });

  it.each(names)('replay with the code of today: %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: bundle }, history(name));
  });

  it.each(names)('replay on a worker that traces: %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: traced, sinks: noExporter }, history(name));
  });

  it('do not replay with another order of stages', async () => {
    const changed = JSON.parse(
      JSON.stringify(history('fine-tune-completed.json')).replaceAll('"preprocess"', '"publish"'),
    ) as object;
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, changed)).rejects.toBeInstanceOf(
      DeterminismViolationError,
    );
  });
});
