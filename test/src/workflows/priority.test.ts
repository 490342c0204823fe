import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { type RunResult } from '@temper/contracts';
import { parsePipelineSpec, type TrainInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';

let harness: WorkflowHarness;
beforeAll(async () => (harness = await WorkflowHarness.start()), 120_000);
afterAll(() => harness[Symbol.asyncDispose]());

const spec = parsePipelineSpec({
  name: 'mail',
  model: { base: './minilm' },
  dataset: { train: 'mail.csv' },
  resources: { priority: 2, fairnessKey: 'team-search', fairnessWeight: 3, preemptible: true },
});

describe('where runs wait', () => {
  it('every stage waits with the priority and the fairness key of its run', async () => {
    const handle = await harness.start({ runId: randomUUID(), spec });
    await harness.withActivities({}, () => handle.result());
    const { events } = await handle.fetchHistory();
    const scheduled = events!.flatMap((e) => e.activityTaskScheduledEventAttributes ?? []);
    expect(scheduled).toHaveLength(5);
    for (const { priority } of scheduled) {
      expect(priority).toMatchObject({ priorityKey: 2, fairnessKey: 'team-search', fairnessWeight: 3 });
    }
  });

  it('a stage that gave its device away is told apart from one that failed', async () => {
    const train = async (input: TrainInput) => {
      const { attempt } = Context.current().info;
      if (attempt < 3) {
        throw ApplicationFailure.create({
          message: 'gave way to a waiting run of priority 1',
          type: 'PREEMPTED',
          nextRetryDelay: '10 milliseconds',
          category: ApplicationFailureCategory.BENIGN,
        });
      }
      return { ...(await fakes.train(input)), attempts: attempt, preemptions: 2 };
    };
    const handle = await harness.start({ runId: randomUUID(), spec });
    const result: RunResult = await harness.withActivities({ train }, () => handle.result());
    expect(result.stages.find((s) => s.name === 'train')).toMatchObject({ attempts: 3, preemptions: 2 });
    expect(result.stages.find((s) => s.name === 'evaluate')).not.toHaveProperty('preemptions');
  });
});
