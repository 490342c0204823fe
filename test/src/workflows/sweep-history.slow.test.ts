import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { sweepWorkflow, queuesOf } from '@temper/contracts';
import { parseSweepSpec, type SweepInput, type SweepResult } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTrials } from './answer-trials.js';
import { fakes, WorkflowHarness } from './harness.js';

/** Where the Temporal server begins to warn (limit.historyCount.warn, limit.historySize.warn, limit.blobSize.warn). */
const WARNED_EVENTS = 10_240;
const WARNED_BYTES = 10 * 1024 ** 2;
const WARNED_PAYLOAD = 256 * 1024;
const trials = Number(process.env['TEMPER_TEST_TRIALS'] ?? 10_000);

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

describe(`a sweep of ${trials} trials`, () => {
  it.each(['asha', 'random'] as const)(
    '%s: no execution of its chain comes near a warning',
    async (strategy) => {
      const sweepId = `many-${randomUUID()}`;
      const spec = parseSweepSpec({
        name: 'many',
        pipeline: { name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } },
        search: {
          'training.seed': { min: 0, max: 1e6, integer: true },
          'training.learningRate': { min: 1e-6, max: 1e-2, scale: 'log' },
        },
        strategy,
        trials,
        parallel: 100,
        objective: { metric: 'loss' },
        asha: { minSteps: 1, reductionFactor: 3 },
      });
      const input: SweepInput = { sweepId, spec };
      const common = { connection: harness.environment.nativeConnection };
      const sweeps = await Worker.create({ ...common, taskQueue: 'sweeps', workflowBundle: harness.bundle });
      const stages = await Worker.create({ ...common, taskQueue: queuesOf().workflow, activities: fakes });
      const ended = new AbortController();
      const trialsAnswered = answerTrials(harness.client, ended.signal);
      const started = Date.now();
      const options = { workflowId: sweepId, taskQueue: 'sweeps', args: [input] };
      const result: SweepResult = await stages.runUntil(() =>
        sweeps.runUntil(() => harness.client.workflow.execute(sweepWorkflow, options)),
      );
      ended.abort();
      await trialsAnswered;
      const seconds = (Date.now() - started) / 1000;
      expect(result.status).toBe('completed');
      const { counts } = result;
      expect(counts.stopped + counts.completed).toBe(trials);
      expect(result.best).toMatchObject({ status: 'completed', steps: 81 });

      const chain: { events: number; bytes: number; handedOn: number }[] = [];
      const { workflowService } = harness.client;
      for await (const { runId } of harness.client.workflow.list({ query: `WorkflowId = '${sweepId}'` })) {
        const execution = { workflowId: sweepId, runId };
        const { namespace } = harness.client.options;
        const described = await workflowService.describeWorkflowExecution({ namespace, execution });
        const { historyLength, historySizeBytes } = described.workflowExecutionInfo!;
        const first = await workflowService.getWorkflowExecutionHistory({
          namespace,
          execution,
          maximumPageSize: 1,
        });
        const started = first.history!.events![0]!.workflowExecutionStartedEventAttributes!;
        const handedOn = started.input!.payloads![0]!.data!.length;
        chain.push({ events: Number(historyLength), bytes: Number(historySizeBytes), handedOn });
      }
      const most = (of: (run: (typeof chain)[0]) => number) => Math.max(...chain.map(of));
      const measured = {
        ...{ trials, strategy, seconds: Math.round(seconds), executions: chain.length },
        ...{
          mostEvents: most((r) => r.events),
          mostBytes: most((r) => r.bytes),
          handedOn: most((r) => r.handedOn),
        },
      };
      process.stdout.write(`${JSON.stringify(measured)}\n`);
      expect(chain.length).toBeGreaterThan(trials / 2000); // it did continue as new
      expect(measured.mostEvents).toBeLessThan(WARNED_EVENTS);
      expect(measured.mostBytes).toBeLessThan(WARNED_BYTES);
      expect(measured.handedOn).toBeLessThan(WARNED_PAYLOAD);
    },
    3_600_000,
  );
});
