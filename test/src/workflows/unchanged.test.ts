import { Context } from '@temporalio/activity';
import { activityFailure } from '@temper/activity';
import { TemperError, type RunResult } from '@temper/contracts';
import { parsePipelineSpec, type IngestOutput, type StageActivities } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';
import { scheduled } from './scheduled.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const spec = parsePipelineSpec({
  name: 'mail',
  model: { base: './minilm' },
  dataset: { train: 'mail.csv' },
});

/** Ingest answers what the test has put there. */
function source() {
  const state: {
    digit: string;
    adapter?: string;
    spec: string | undefined;
    fails: false | 'error' | 'cancel';
  } = {
    digit: 'a',
    spec: '9',
    fails: false,
  };
  const trained: string[] = [];
  const activities: Partial<StageActivities> = {
    ingest: async (input) => {
      const output = await fakes.ingest(input);
      const digest = `sha256:${state.digit.repeat(64)}` as const;
      const { spec: _, ...rest } = output;
      const given = state.spec === undefined ? {} : { spec: `sha256:${state.spec.repeat(64)}` as const };
      const of = state.adapter;
      const adapter = of && { adapter: { kind: 'adapter', uri: '', digest: `sha256:${of.repeat(64)}` } };
      return {
        ...rest,
        ...given,
        ...(adapter || {}),
        dataset: { ...output.dataset, digest },
      } as IngestOutput;
    },
    train: async (input) => {
      trained.push(state.digit);
      if (state.fails === 'error') throw activityFailure(new TemperError('LOSS_DIVERGED', 'NaN'), 1);
      if (state.fails === 'cancel') {
        const context = Context.current();
        await harness.client.workflow.getHandle(input.runId).cancel();
        const beat = setInterval(() => context.heartbeat(), 50);
        await context.cancelled.finally(() => clearInterval(beat));
      }
      return fakes.train(input);
    },
  };
  return { state, trained, activities };
}

describe('a schedule with only new data', () => {
  it('ends as unchanged where data, base model and spec are those of the last run, again and again', async () => {
    const { state, trained, activities } = source();
    await harness.withActivities(activities, () =>
      scheduled(harness, { spec, onlyNewData: true }, async (run) => {
        const first = (await run())!;
        expect(first).toMatchObject({ status: 'completed', dataset: `sha256:${'a'.repeat(64)}` });
        for (const again of [(await run())!, (await run())!]) {
          expect(again).toMatchObject({ status: 'unchanged', sameAs: first.runId, dataset: first.dataset });
          expect(again.stages.map((s) => s.status)).toEqual([
            'completed',
            ...Array<string>(4).fill('skipped'),
          ]);
          expect(again.model).toBeUndefined();
        }
        state.digit = 'b';
        expect(await run()).toMatchObject({ status: 'completed' });
        expect(await run()).toMatchObject({ status: 'unchanged' });
        state.spec = '8';
        expect(await run()).toMatchObject({ status: 'completed' });
        state.adapter = 'd';
        expect(await run()).toMatchObject({ status: 'completed', adapter: `sha256:${'d'.repeat(64)}` });
        expect(await run()).toMatchObject({ status: 'unchanged' });
        expect(trained).toEqual(['a', 'b', 'b', 'b']);
      }),
    );
  });

  it.each(['error', 'cancel'] as const)(
    'does not take data for old that only a run with an %s has seen',
    async (how) => {
      const { state, trained, activities } = source();
      await harness.withActivities(activities, () =>
        scheduled(harness, { spec, onlyNewData: true }, async (run) => {
          await run();
          Object.assign(state, { digit: 'b', fails: how });
          const ended = await run();
          if (how === 'error') expect(ended).toMatchObject({ status: 'failed' });
          else expect(ended).toBeUndefined();
          state.fails = false;
          expect(await run()).toMatchObject({ status: 'completed' });
          expect(trained).toEqual(['a', 'b', 'b']);
        }),
      );
    },
  );

  it('trains where it cannot compare, and where nobody asked for it', async () => {
    const { state, trained, activities } = source();
    state.spec = undefined;
    const twice = async (run: () => Promise<RunResult | undefined>) => {
      for (const result of [await run(), await run()]) expect(result?.status).toBe('completed');
    };
    await harness.withActivities(activities, async () => {
      await scheduled(harness, { spec, onlyNewData: true }, twice);
      state.spec = '9';
      await scheduled(harness, { spec }, twice);
    });
    expect(trained).toHaveLength(4);
  });
});
