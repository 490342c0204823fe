import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { BuildInfo } from '@temper/client';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, trainersOf, type WorkerHandle } from './stack.js';

let stack: Stack;
let spec: PipelineSpecInput;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  stack = await Stack.start();
  spec = {
    ...(await writeTinyPipeline(stack.folder, 300)),
    training: { maxSteps: 2, learningRate: 1e-3, trainBatchSize: 8, saveSteps: 20, evalStrategy: 'no' },
    resources: { pool: 'cpu', threads: 1 },
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

const endless = () => ({ ...spec, training: { ...spec.training, maxSteps: 1_000_000 } });
const long = () => ({ ...spec, training: { ...spec.training, maxSteps: 3000 } });

/** The command line, against this stack's servers. */
async function temper(...args: string[]) {
  const { code, stdout, stderr } = await startTemper(stack.folder, args, stack.services.env).ended;
  return { code, stdout, stderr };
}
async function builds(): Promise<Record<string, Omit<BuildInfo, 'build'>>> {
  const { stdout } = await temper('builds', 'list', '--json');
  const found = JSON.parse(stdout) as BuildInfo[];
  return Object.fromEntries(found.map(({ build, ...rest }) => [build, rest]));
}

/** The processes that did the work of a run, each once, and the builds that its workflow code was of. */
async function doneBy(runId: string) {
  const { events } = await stack.client.temporal.workflow.getHandle(runId).fetchHistory();
  const pids = events!.flatMap((e) => e.activityTaskStartedEventAttributes?.identity?.split('@')[0] ?? []);
  const code = events!.flatMap(
    (e) => e.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [],
  );
  return { pids: [...new Set(pids)].map(Number), builds: [...new Set(code)] };
}

const by = (worker: WorkerHandle, build: string) => ({ pids: [worker.child.pid], builds: [build] });

describe('a roll-out', () => {
  let a: WorkerHandle;
  let b: WorkerHandle;
  let inFlight: string;

  it('begins with a first build, which takes no run before it is current', async () => {
    a = await stack.worker('cpu', { TEMPER_BUILD_ID: 'a' });
    const early = await stack.client.submit(spec, { fresh: true });
    await eventually('build a is known', async () => (await builds())['a']);
    expect(await temper('builds', 'set-current', 'c')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no worker of this build') as string,
    });
    expect(await temper('builds', 'set-current', 'a')).toMatchObject({ code: 0 });
    expect((await stack.client.result(early)).status).toBe('completed');
    expect(await doneBy(early)).toEqual(by(a, 'a'));
  });

  it('starts new runs on the build that became current', async () => {
    inFlight = await stack.client.submit(long(), { fresh: true });
    await eventually('it trains', async () => (await stack.checkpointStep(inFlight)) >= 20);
    b = await stack.worker('cpu', { TEMPER_BUILD_ID: 'b' });
    await eventually('build b is current', async () => {
      const { code } = await temper('builds', 'set-current', 'b');
      return code === 0;
    });
    const next = await stack.client.submit(spec, { fresh: true });
    expect((await stack.client.result(next)).status).toBe('completed');
    expect(await doneBy(next)).toEqual(by(b, 'b'));
  });

  it('leaves the run in flight on its build, its device stages and retries too', async () => {
    expect((await stack.client.show(inFlight)).status).toBe('running');
    expect(await builds()).toEqual({
      a: { status: 'draining', runs: 1 },
      b: { status: 'current', runs: 0 },
    });
    const [trainer] = await trainersOf(inFlight);
    process.kill(trainer!, 'SIGKILL');
    const result = await stack.client.result(inFlight);
    expect(result.status).toBe('completed');
    expect(result.stages.find((s) => s.name === 'train')!.attempts).toBe(2);
    // evaluate and publish began long after the other build was current.
    expect(await doneBy(inFlight)).toEqual(by(a, 'a'));
  });

  it('says when the old build is drained, and takes it back', async () => {
    const drained = async () => (await builds())['a']?.status === 'drained';
    await eventually('build a is drained', drained, 90_000);
    expect((await builds())['a']).toEqual({ status: 'drained', runs: 0 });
    expect(await temper('builds', 'set-current', 'a')).toMatchObject({ code: 0 });
    const back = await stack.client.submit(spec, { fresh: true });
    await stack.client.result(back);
    expect(await doneBy(back)).toEqual(by(a, 'a'));
  });

  it('may begin with a part of the runs, on a worker that the command line started', async () => {
    const c = startTemper(
      stack.folder,
      ['worker', '--build-id', 'c', '--slots', '1', '--json'],
      stack.services.env,
    );
    await eventually('build c is known', async () => (await builds())['c']);
    expect(await temper('builds', 'ramp', 'c', '--percentage', '100')).toMatchObject({ code: 0 });
    const { pid } = JSON.parse(c.output.stdout) as { pid: number };
    const onC = { pids: [pid], builds: ['c'] };
    const ramped = async () => {
      const runId = await stack.client.submit(spec, { fresh: true });
      await stack.client.result(runId);
      return (await doneBy(runId)).builds[0] === 'c' && runId;
    };
    expect(await doneBy(await eventually('a run is on build c', ramped))).toEqual(onC);

    // A build has a queue of its own, and who waits there for the device is seen there.
    const resources = { ...spec.resources, priority: 5 as const, preemptible: true };
    const preempted = await stack.client.submit({ ...endless(), resources }, { fresh: true });
    await eventually('it trains', async () => (await stack.checkpointStep(preempted)) >= 20);
    const urgent = { ...spec, resources: { ...spec.resources, priority: 1 as const } };
    const result = await stack.client.result(await stack.client.submit(urgent, { fresh: true }));
    expect(result.status).toBe('completed');
    const [training] = (await stack.client.show(preempted)).live;
    expect(training).toMatchObject({ stage: 'train' });
    expect(training!.heartbeat?.preemptions).toBeGreaterThanOrEqual(1);
    await stack.client.cancel(preempted);
    await stack.client.result(preempted);

    expect(await temper('builds', 'ramp', 'c', '--percentage', '0')).toMatchObject({ code: 0 });
    c.child.kill('SIGTERM');
    expect((await c.ended).code).toBe(0);
  });
});
