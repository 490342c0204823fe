import { Context } from '@temporalio/activity';
import { activityFailure } from '@temper/activity';
import { listedStatuses, Runs } from '@temper/client/runs';
import { TemperError } from '@temper/contracts';
import { type IngestInput } from '@temper/spec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const gate = [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }];

it('runs are found by every status that they can have, by time, and page by page', async () => {
  const runs = new Runs(harness.client, harness.environment.connection as never);
  const before = new Date();
  const activities = {
    ingest: async (input: IngestInput) => {
      if (input.runId === 'list-failed') throw activityFailure(new TemperError('DATA_INVALID', 'no rows'), 1);
      if (['list-cancelled', 'list-running'].includes(input.runId)) return Context.current().cancelled;
      return fakes.ingest(input);
    },
    evaluate: async (input: Parameters<typeof fakes.evaluate>[0]) => {
      const measured = await fakes.evaluate(input);
      return input.runId === 'list-refused' ? { ...measured, gate } : measured;
    },
  };
  await harness.withActivities(activities as Partial<typeof fakes>, async () => {
    for (const name of ['completed', 'refused', 'failed', 'cancelled', 'running'])
      await harness.start({ runId: `list-${name}`, spec: spec() });
    const approved = spec({ publish: { approval: true } });
    await harness.start({ runId: 'list-awaiting-approval', spec: approved });
    await harness.client.workflow.getHandle('list-cancelled').cancel();
    const found = async (wanted: Parameters<Runs['list']>[0]) =>
      (await runs.list(wanted)).map(({ runId }) => runId).filter((id) => id.startsWith('list-'));
    for (const name of [
      'completed',
      'refused',
      'failed',
      'cancelled',
      'running',
      'awaiting-approval',
    ] as const) {
      await expect.poll(() => found({ status: name }), { timeout: 30_000 }).toEqual([`list-${name}`]);
    }
    expect(listedStatuses).toContain('paused');
    const all = await found({ since: before });
    expect(all).toHaveLength(6);
    expect([...(await found({ limit: 2 })), ...(await found({ limit: 2, offset: 2 }))]).toEqual(
      all.slice(0, 4),
    );
    expect(await found({ before })).toEqual([]);
    expect(await found({ offset: 6 })).toEqual([]);
    for (const name of ['running', 'awaiting-approval'])
      await harness.client.workflow.getHandle(`list-${name}`).terminate();
    // By the workflow itself, where no client has set them: of a schedule, or as somebody's child.
    await harness.start({ runId: 'of-search', spec: spec({ team: 'search' }) });
    await harness.start({ runId: 'of-mail', spec: spec({ team: 'mail' }) });
    const ofTeam = async (team: string) => (await runs.list({ team })).map((run) => [run.runId, run.team]);
    await expect.poll(() => ofTeam('search'), { timeout: 30_000 }).toEqual([['of-search', 'search']]);
    expect(await ofTeam('nobody')).toEqual([]);
  });
});
