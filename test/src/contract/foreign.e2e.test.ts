import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { msToTs } from '@temporalio/common/lib/time.js';
import { TemperClient } from '@temper/client';
import { searchAttributes } from '@temper/contracts';
import { parsePipelineSpec, type IngestInput, type PipelineSpec } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from '../e2e/stack.js';

const sources = join(import.meta.dirname, 'foreign');
const entry = fileURLToPath(new URL('../../dist/contract/foreign/worker.js', import.meta.url));

let stack: Stack;
let spec: PipelineSpec;

beforeAll(async () => {
  stack = await Stack.start();
  spec = parsePipelineSpec({
    ...(await writeTinyPipeline(stack.folder, 80)),
    name: 'theirs',
    training: { maxSteps: 3, trainBatchSize: 8, evalStrategy: 'no' },
  });
});
afterAll(() => stack[Symbol.asyncDispose]());

async function foreignWorker(
  kind: 'stage' | 'preset',
  env: NodeJS.ProcessEnv = {},
): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [entry, kind], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.services.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const ready = await Promise.race([once(child.stdout, 'data'), exited]);
  expect(String(ready[0])).toContain('ready');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

describe("somebody else's worker", () => {
  it('needs nothing but published packages', () => {
    const names = readdirSync(sources).flatMap((file) => {
      const text = readFileSync(join(sources, file), 'utf8');
      return [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name!);
    });
    expect(names).toContain('@temper/activity-ingest');
    const published = /^(node:|@temporalio\/|@temper\/(activity(-\w+)?|contracts|plugin|s3|spec)$)/;
    expect(names.filter((name) => !published.test(name))).toEqual([]);
  });

  it('has one stage of Temper in a workflow of its own', async () => {
    await using _worker = await foreignWorker('stage');
    const input: IngestInput = { runId: 'their-import', spec };
    const result = await stack.client.temporal.workflow.execute('nightlyImport', {
      taskQueue: 'their-queue',
      workflowId: 'their-import',
      args: [input],
    });
    expect(result).toEqual({
      digest: expect.stringMatching(/^sha256:/) as string,
      report: expect.stringMatching(/^imported: 80 train rows/) as string,
    });
  });

  it('has all of Temper by the preset, as a child of its own workflow', async () => {
    await using _stage = await foreignWorker('stage');
    await using _preset = await foreignWorker('preset');
    const result = await stack.client.temporal.workflow.execute('retrain', {
      taskQueue: 'their-queue',
      workflowId: 'their-retraining',
      args: [spec],
    });
    expect(result).toBe('completed: theirs:1');
    expect(await stack.client.registry.resolve('theirs@candidate')).toMatchObject({ version: 1 });
  });

  it('makes a namespace ready in which there is nothing: search attributes, a run, and the list of runs', async () => {
    const namespace = 'made-on-the-spot';
    const { connection } = stack.client.temporal;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    const registered = async () =>
      (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
    expect(await registered()).toEqual({});
    await using _preset = await foreignWorker('preset', { TEMPORAL_NAMESPACE: namespace });
    expect(Object.keys(await registered()).sort()).toEqual([...searchAttributes].sort());
    await using client = await TemperClient.connect({
      environment: { ...process.env, ...stack.services.env, TEMPORAL_NAMESPACE: namespace },
      store: stack.store,
    });
    const runId = await client.submit({ ...spec, team: 'theirs' }, { fresh: true });
    expect(await client.result(runId)).toMatchObject({ status: 'completed' });
    const listed = () => client.list({ team: 'theirs' });
    await expect
      .poll(async () => (await listed()).map((run) => run.runId), { timeout: 20_000 })
      .toEqual([runId]);
  });
});
