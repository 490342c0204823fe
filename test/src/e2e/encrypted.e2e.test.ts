import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperClient } from '@temper/client';
import { parsePipelineSpec, parseSweepSpec, type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { environment as softwareGpu, needsSoftwareGpu } from '../training/software-gpu.js';
import { eventually, Stack } from './stack.js';

/** In every text that a user writes, but for names. */
const CANARY = `canary-${randomBytes(6).toString('hex')}`;
const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = key('2026-01');

let stack: Stack;
let spec: PipelineSpecInput;

beforeAll(async () => {
  stack = await Stack.start({ TEMPER_PAYLOAD_KEYS: first });
  const folder = join(stack.folder, CANARY);
  await mkdir(folder);
  spec = {
    ...(await writeTinyPipeline(folder, 120)),
    training: { maxSteps: 12, learningRate: 3e-3, trainBatchSize: 8, evalStrategy: 'no', saveSteps: 4 },
  };
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** All that the server has: its database as it lies on the disk. */
async function stored(text: string): Promise<boolean> {
  const files = ['temporal.db', 'temporal.db-wal'].map((name) => join(stack.services.folder, name));
  const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))));
  return contents.some((content) => content.includes(text));
}

/** All that the server says of its workflows and schedules to whoever may ask it. */
async function told(): Promise<string> {
  const { workflowService: service } = stack.client.connection;
  const namespace = 'default';
  const { executions } = await service.listWorkflowExecutions({ namespace });
  const answers: unknown[] = [executions];
  for (const { execution } of executions!) {
    answers.push(await service.describeWorkflowExecution({ namespace, execution }));
    answers.push((await service.getWorkflowExecutionHistory({ namespace, execution })).history);
  }
  const { schedules } = await service.listSchedules({ namespace, maximumPageSize: 100 });
  for (const { scheduleId } of schedules!)
    answers.push(await service.describeSchedule({ namespace, scheduleId }));
  // Messages of protobuf write bytes in base64: read them.
  return JSON.stringify(answers).replace(/"[A-Za-z0-9+/]{4,}={0,2}"/g, (text) =>
    Buffer.from(text, 'base64').toString('latin1'),
  );
}

const failing = (): PipelineSpecInput => ({
  ...spec,
  name: 'failing',
  dataset: { train: join(stack.folder, CANARY, 'no-such-rows.csv') },
});

describe('payload encryption', () => {
  it('leaves nothing of a run, its failure, its control and its schedule in the clear', async () => {
    const worker = await stack.worker();
    const { client } = stack;
    const approved = parsePipelineSpec({ ...spec, publish: { approval: true } });
    const runId = await client.submit(approved);
    await eventually('the run waits', async () => {
      const { status } = await client.show(runId);
      return status === 'awaiting-approval';
    });
    await expect(client.change(runId, { by: CANARY, learningRate: 1e-3 })).rejects.toThrow();
    await client.approve(runId, { by: CANARY, comment: CANARY });
    expect(await client.result(runId)).toMatchObject({ status: 'completed' });
    const detail = await client.show(runId);
    expect(detail.spec?.dataset.train).toContain(CANARY);

    const failed = await client.result(await client.submit(failing(), { check: false }));
    expect(failed.status).toBe('failed');
    expect(failed.error?.message).toContain(CANARY);

    await client.schedules.create(parsePipelineSpec({ ...spec, name: 'nightly' }), { cron: '0 3 * * *' });
    await client.schedules.trigger('nightly');
    const run = await eventually('the scheduled run', async () => {
      return (await client.schedules.show('nightly')).recent.at(0);
    });
    expect(await client.result(run.runId)).toMatchObject({ status: 'completed' });

    const sweepId = await client.sweeps.start(
      parseSweepSpec({
        name: 'rates',
        pipeline: { ...spec, training: { ...spec.training, evalStrategy: 'epoch' } },
        search: { 'training.learningRate': { values: [1e-3, 3e-3] } },
        strategy: 'grid',
        objective: { metric: 'loss' },
      }),
    );
    expect(await client.sweeps.result(sweepId)).toMatchObject({ status: 'completed' });

    expect(await told()).toContain('encryption-key-id');
    expect(await told()).not.toContain(CANARY);
    expect(await stored('TemperPipeline')).toBe(true);
    expect(await stored(CANARY)).toBe(false);
    await worker.stop();
  }, 240_000);

  it('goes on with a new key, reads what the old one wrote, and says which key is missing', async () => {
    const second = key('2026-02');
    const worker = await stack.worker('cpu', { TEMPER_PAYLOAD_KEYS: `${second},${first}` });
    const environment = { ...process.env, ...stack.services.env };
    await using rotated = await TemperClient.connect({
      environment: { ...environment, TEMPER_PAYLOAD_KEYS: `${second},${first}` },
      store: stack.store,
    });
    const [before] = await rotated.list({ pipeline: 'tiny' });
    expect((await rotated.show(before!.runId)).spec?.dataset.train).toContain(CANARY);
    const runId = await rotated.submit({ ...spec, name: 'later' });
    expect(await rotated.result(runId)).toMatchObject({ status: 'completed' });
    expect(await told()).toContain('2026-02');

    // The command line without any key, as somebody's who may look at the server and nothing else.
    const { ended } = startTemper(stack.folder, ['runs', 'show', runId], stack.services.env);
    const { code, stdout, stderr } = await ended;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/encrypted with a key that this process has not.*2026-02.*TEMPER_PAYLOAD_KEYS/s);
    expect(stdout + stderr).not.toContain(CANARY);
    expect(await stored(CANARY)).toBe(false);
    await worker.stop();
  }, 120_000);

  it.skipIf(!softwareGpu)(
    needsSoftwareGpu('holds for the workers of a GPU pool'),
    async () => {
      const keys = { TEMPER_PAYLOAD_KEYS: first };
      await stack.worker('cpu', keys);
      await stack.worker('webgpu', { ...softwareGpu, ...keys, TEMPER_ALLOW_SOFTWARE_GPU: '1' });
      const runId = await stack.client.submit({
        ...spec,
        name: 'gpu',
        training: { ...spec.training, maxSteps: 2 },
        resources: { pool: 'webgpu' },
      });
      expect(await stack.client.result(runId)).toMatchObject({ status: 'completed' });
      expect(await stored(CANARY)).toBe(false);
    },
    240_000,
  );

  it('is what hides it: without keys the same spec is there to read', async () => {
    await using open = await TemperClient.connect({ environment: { ...process.env, ...stack.services.env } });
    await open.submit({ ...spec, name: 'open' });
    expect(await told()).toContain(CANARY);
    expect(await stored(CANARY)).toBe(true);
  });
});
