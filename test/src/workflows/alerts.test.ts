import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import { TemperError, type NotifyActivities, type NotifyInput, type RunResult } from '@temper/contracts';
import { parsePipelineSpec, type PipelineSpecInput, type StageActivities } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

const hooks = ['https://chat.example/secret-token?x=secret', 'env:PAGER'];
const drift = { metric: 'f1', value: 0.8, production: { version: 2, value: 0.9 }, worse: 0.1 };
const failing = async () => {
  throw activityFailure(new TemperError('DATA_INVALID', { path: 'mail.csv', message: 'no column label' }), 1);
};
const refusing: StageActivities['evaluate'] = async (input) => ({
  ...(await fakes.evaluate(input)),
  gate: [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }],
});

/** Runs a pipeline and answers its end, what the webhooks were told, and what the UI shows. */
async function told(
  alerts: PipelineSpecInput['alerts'],
  activities: Partial<StageActivities & NotifyActivities>,
) {
  const sent: NotifyInput[] = [];
  const notify = async (input: NotifyInput) => void sent.push(input);
  const given = { name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } };
  const handle = await harness.start({
    runId: `mail-${randomUUID()}`,
    spec: parsePipelineSpec({ ...given, ...(alerts ? { alerts } : {}) }),
  });
  return harness.withActivities({ notify, ...activities }, async () => {
    const result: RunResult = await handle
      .result()
      .catch((error: { cause: { details: [RunResult] } }) => error.cause.details[0]);
    const details = await handle.query<string>('__temporal_workflow_metadata');
    return { result, sent, details: JSON.stringify(details), runId: handle.workflowId };
  });
}

describe('alerts', () => {
  it('tell every webhook why a run failed', async () => {
    const { result, sent, runId } = await told({ webhooks: hooks }, { ingest: failing });
    expect(result.status).toBe('failed');
    expect(sent.map((s) => s.webhook).sort()).toEqual([...hooks].sort());
    expect(sent[0]!.alert).toMatchObject({
      event: 'failed',
      runId,
      pipeline: 'mail',
      status: 'failed',
      message: 'mail.csv: no column label',
      text: `mail: failed: mail.csv: no column label (${runId})`,
      problems: [{ path: 'mail.csv', message: 'no column label' }],
      model: { name: 'mail', alias: 'candidate' },
      uiPath: expect.stringContaining(`/namespaces/default/workflows/${runId}/`) as string,
    });
    expect(Date.parse(sent[0]!.alert.at)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('tell of a refused model, with its metrics', async () => {
    const { result, sent } = await told({ webhooks: ['env:PAGER'] }, { evaluate: refusing });
    expect(result.status).toBe('refused');
    expect(sent).toHaveLength(1);
    expect(sent[0]!.alert).toMatchObject({
      event: 'refused',
      problems: [{ path: 'evaluation.gate.f1', found: '0.5' }],
      metrics: { test: { f1: 0.8 } },
    });
  });

  it('tell of a model that is worse than the one in production, which was asked for before publishing', async () => {
    const order: string[] = [];
    const { result, sent, details } = await told(
      { webhooks: ['env:PAGER'], drift: 0.05 },
      {
        driftFromProduction: async (input) => (order.push(`compare ${input.tolerance}`), drift),
        publish: async (input) => (order.push('publish'), fakes.publish(input)),
      },
    );
    expect(order).toEqual(['compare 0.05', 'publish']);
    expect(result).toMatchObject({ status: 'completed', model: { version: 3 } });
    expect(sent[0]!.alert).toMatchObject({
      event: 'drift',
      status: 'completed',
      message: 'f1 is 0.8000 on the test split, 0.1000 worse than mail:2@production (0.9000)',
      problems: [{ path: 'metrics.test.f1', found: '0.8000', allowed: '0.05 from 0.9000' }],
      model: { version: 3 },
    });
    expect(details).toContain('0.1000 worse than mail:2@production');
  });

  it('tell of nothing else than what was asked for', async () => {
    const only = { webhooks: ['env:PAGER'], on: ['failed' as const] };
    const never = async () => {
      throw new Error('asked for');
    };
    const refused = await told(only, { evaluate: refusing, driftFromProduction: never });
    expect([refused.result.status, refused.sent]).toEqual(['refused', []]);
    const completed = await told(only, { driftFromProduction: never });
    expect([completed.result.status, completed.sent]).toEqual(['completed', []]);
    const silent = await told(undefined, { ingest: failing, notify: never });
    expect(silent.result.status).toBe('failed');
  });

  it('never change how a run ends: what could not be told is a note without tokens', async () => {
    let attempts = 0;
    const notify = async () => {
      attempts = Math.max(attempts, Context.current().info.attempt);
      throw ApplicationFailure.nonRetryable('HTTP 404', 'WEBHOOK_REFUSED');
    };
    const { result, details } = await told({ webhooks: hooks }, { evaluate: refusing, notify });
    expect(result).toMatchObject({ status: 'refused', error: { code: 'GATE_REFUSED' } });
    expect(attempts).toBe(1);
    expect(details).toContain('https://chat.example could not be told of \\"refused\\": HTTP 404');
    expect(details).toContain('env:PAGER could not be told');
    expect(details).not.toContain('secret');
    // Whoever asks for the run reads it too; the receivers are told side by side.
    expect(result.notes?.toSorted()).toEqual([
      'env:PAGER could not be told of "refused": HTTP 404',
      'https://chat.example could not be told of "refused": HTTP 404',
    ]);
    const failed = await told({ webhooks: ['env:PAGER'] }, { ingest: failing, notify });
    expect(failed.result.notes).toEqual(['env:PAGER could not be told of "failed": HTTP 404']);
    const unknown = await told(
      { webhooks: ['env:PAGER'] },
      { driftFromProduction: () => Promise.reject(ApplicationFailure.nonRetryable('the store is down')) },
    );
    expect(unknown.result.status).toBe('completed');
    expect(unknown.details).toContain('drifted from production is unknown: the store is down');
  });

  it('are tried again while the receiver is down', async () => {
    let attempt = 0;
    const notify = async () => {
      ({ attempt } = Context.current().info);
      if (attempt < 2) throw activityFailure(new TemperError('SERVICE_UNAVAILABLE', 'HTTP 503'), attempt);
    };
    const { result, details } = await told({ webhooks: ['env:PAGER'] }, { ingest: failing, notify });
    expect(result.status).toBe('failed');
    expect(attempt).toBe(2);
    expect(details).not.toContain('could not be told');
  });
});
