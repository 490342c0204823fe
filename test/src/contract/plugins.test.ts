import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, type PayloadCodec } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type BundlerPlugin,
  type NativeConnectionPlugin,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { IngestPlugin } from '@temper/activity-ingest';
import { errorCodes, fineTuneWorkflow, searchAttributes, type RunResult } from '@temper/contracts';
import { TemperPlugin, TracingPlugin, WorkflowsPlugin } from '@temper/plugin';
import { serverBinary } from '@temper/services';
import { MemoryStore } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes } from '../workflows/fakes.js';
import { spec } from '../workflows/ways/way.js';

const module = (name: string) =>
  fileURLToPath(new URL(`../../dist/contract/host/${name}.js`, import.meta.url));
const theirWorkflows = module('workflows');
const home = mkdtempSync(join(tmpdir(), 'temper-plugins-'));
const store = new MemoryStore();
const logger = new DefaultLogger('WARN', ({ level, message }) => void logged.push(`${level} ${message}`));
const logged: string[] = [];
const greet = async (name: string) => `hello ${name}`;
/** All stages on the worker's own queue: it has fakes for them. */
const here = () => ({
  ...input,
  orchestration: { activities: { train: { taskQueue }, evaluate: { taskQueue } } },
});
const input = { runId: 'theirs', spec: spec({ dataset: { train: '/nowhere/mail.csv' } }) };

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  Runtime.install({ logger });
  const { path } = await serverBinary('temporal');
  environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path } },
  });
});
afterAll(() => environment.teardown());

/** Each on a queue of its own: those that are made and not run keep theirs. */
let taskQueue = 'host-0';
const create = (options: Partial<WorkerOptions>) => {
  taskQueue = `host-${Number(taskQueue.slice(5)) + 1}`;
  return Worker.create({ connection: environment.nativeConnection, taskQueue, ...options });
};
/** The worker's own failure is told as its cause. */
const until = (worker: Worker, use: () => Promise<void>) =>
  worker.runUntil(use).catch((error: Error) => {
    throw (error.cause as { innerError?: Error; workerError?: Error })?.workerError ?? error;
  });
const execute = <T>(workflow: string, ...args: unknown[]): Promise<T> =>
  environment.client.workflow.execute(workflow, {
    taskQueue,
    workflowId: `${workflow}-${Math.random()}`,
    args,
  });
/** Type and message of the activity's failure, through those of the workflow. */
const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: Error) => {
      let cause: Error = error;
      while (cause.cause instanceof Error && !(cause instanceof ApplicationFailure)) cause = cause.cause;
      return cause instanceof ApplicationFailure ? cause.type : cause.message;
    },
  );

describe("a worker of somebody's own", () => {
  it('gets the search attributes that the namespace lacks', async () => {
    const { operatorService } = environment.nativeConnection;
    const registered = async () =>
      (await operatorService.listSearchAttributes({ namespace: 'default' })).customAttributes ?? {};
    expect(Object.keys(await registered())).not.toContain('TemperPipeline');
    const activities = { ...fakes, choosePool: undefined };
    const worker = await create({ plugins: [new WorkflowsPlugin()], activities });
    await until(worker, async () => undefined);
    expect(Object.keys(await registered())).toEqual(expect.arrayContaining([...searchAttributes]));
  });

  it('keeps its own workflows beside those of the preset, calls stages from them, and is told nothing', async () => {
    logged.length = 0;
    const plugin = new TemperPlugin({ store, home, slots: 1 });
    const worker = await create({ workflowsPath: theirWorkflows, activities: { greet }, plugins: [plugin] });
    await until(worker, async () => {
      expect(await execute('hello', 'host')).toBe('hello host');
      // The stage itself says what is wrong, so it was reached; the trainer of the second worker has no store at all.
      expect(await failureOf(execute('importOnce', input))).toBe('NOT_FOUND');
      const missing = { kind: 'tokens', digest: `sha256:${'0'.repeat(64)}`, uri: 's3://memory/none' };
      const start = { ...input, tokens: missing, baseModel: { ...missing, kind: 'base-model' } };
      expect(await failureOf(execute('trainOnce', { ...start, fresh: true }))).toBe('STORE_REFUSED');
      expect(await failureOf(execute(fineTuneWorkflow, input))).toBe('NOT_FOUND');
    });
    expect(logged.filter((line) => /Ignoring|Duplicate|nondeterminism/i.test(line))).toEqual([]);
  });

  it('has two of ours and one of its own, in any order, and nothing is clobbered', async () => {
    const foreign = new SimplePlugin({ name: 'foreign', activities: { greet } });
    const rest = Object.fromEntries(
      Object.entries(fakes).filter(([name]) => !['ingest', 'choosePool'].includes(name)),
    );
    const worker = await create({
      workflowsPath: theirWorkflows,
      activities: rest,
      plugins: [new IngestPlugin({ store, home }), foreign, new WorkflowsPlugin()],
    });
    expect([...worker.options.activities.keys()].sort()).toEqual([...Object.keys(fakes), 'greet'].sort());
    await until(worker, async () => {
      expect(await execute('hello', 'host')).toBe('hello host');
      expect(await failureOf(execute(fineTuneWorkflow, input))).toBe('NOT_FOUND');
    });
  });

  it('says at its creation where another plugin has put its workflows in the place of ours', async () => {
    const greedy = new SimplePlugin({ name: 'greedy', workflowsPath: theirWorkflows });
    const { code } = await bundleWorkflowCode({ workflowsPath: theirWorkflows, logger });
    const prebuilt = new SimplePlugin({ name: 'prebuilt', workflowBundle: { code } });
    const activities = { greet, ...fakes, choosePool: undefined };
    for (const other of [greedy, prebuilt]) {
      await expect(create({ activities, plugins: [new WorkflowsPlugin(), other] })).rejects.toThrow(
        /lacks fineTune and sweep; add `export \* from '@temper\/plugin\/workflow'`/,
      );
    }
    const ingest = new SimplePlugin({ name: 'theirs', activities: { ingest: greet } });
    await expect(create({ plugins: [new IngestPlugin({ store, home }), ingest] })).rejects.toThrow(
      /^IngestPlugin: activity ingest: a plugin after this one has put an activity of its own in the place of it; a stage is/,
    );
    // Before ours, the first is one of the two whose workflows are there.
    const worker = await create({ activities, plugins: [greedy, new WorkflowsPlugin()] });
    await until(worker, async () => {
      expect(await execute('hello', 'host')).toBe('hello host');
    });
  });
});

describe('a bundle that was made before', () => {
  it('has both where the plugin was given to the bundler, or the module exports ours', async () => {
    const plugin = new WorkflowsPlugin();
    const activities = { greet, ...fakes, choosePool: undefined };
    for (const options of [
      { workflowsPath: theirWorkflows, plugins: [plugin] },
      { workflowsPath: module('with-ours') },
    ]) {
      const workflowBundle = await bundleWorkflowCode({ ...options, logger });
      const worker = await create({ workflowBundle, activities, plugins: [plugin] });
      await until(worker, async () => {
        expect(await execute('hello', 'host')).toBe('hello host');
        expect(await execute<RunResult>(fineTuneWorkflow, here())).toMatchObject({ status: 'completed' });
      });
    }
  });

  it('is refused where ours are missing, and next to a bundle of the option', async () => {
    const workflowBundle = await bundleWorkflowCode({ workflowsPath: theirWorkflows, logger });
    await expect(create({ workflowBundle, plugins: [new WorkflowsPlugin()] })).rejects.toThrow(
      /lacks fineTune/,
    );
    const plugin = new WorkflowsPlugin({ workflowBundle: '/some/file.js' });
    await expect(create({ workflowsPath: theirWorkflows, plugins: [plugin] })).rejects.toThrow(
      /^WorkflowsPlugin\.workflowBundle: this worker has a workflowsPath of its own/,
    );
  });

  const stages = ['ingest', 'preprocess', 'train', 'evaluate', 'publish'];
  it.each([...stages.map((name) => `activities/${name}`), 'activities/preset'])(
    'of %s/workflow alone is safe',
    async (folder) => {
      const workflowsPath = fileURLToPath(new URL(`../../../${folder}/dist/workflow.js`, import.meta.url));
      const { code } = await bundleWorkflowCode({ workflowsPath, logger });
      const modules = [...code.matchAll(/^\/\*{3}\/ "([^\n"]+)"$/gm)].map(([, name]) => name!);
      expect(modules.length).toBeGreaterThan(5);
      const foreign = modules.filter(
        (name) =>
          !/@temporalio|node_modules\/(long|ms|protobufjs|@protobufjs|nexus-rpc|heap-js)\//.test(name),
      );
      expect(
        foreign.filter(
          (name) => !/^\?|^\.\/(libs\/(contracts|spec)|workflows|activities\/\w+)\/dist\//.test(name),
        ),
      ).toEqual([]);
      expect(code).not.toMatch(/onnxruntime|aws-sdk|node:fs|node:net/);
    },
  );
});

describe('where plugins are', () => {
  const tracing = () => {
    const processor = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
    return new TracingPlugin({ processor: processor as never, resource: { attributes: {} } as never });
  };

  it.each(['the connection', 'the worker', 'both'])('given to %s, each acts once', async (where) => {
    const configured: string[] = [];
    const run: string[] = [];
    const foreign: WorkerPlugin & NativeConnectionPlugin = {
      name: 'foreign',
      configureWorker: (options) => (configured.push(options.taskQueue), options),
      runWorker: (worker, next) => (run.push(worker.options.taskQueue), next(worker)),
    };
    const deviceQueue = `device of ${where}`;
    const ours = [tracing(), new TemperPlugin({ store, home, deviceQueue })];
    const { address } = environment;
    const connection = await NativeConnection.connect({
      address,
      plugins: where === 'the worker' ? [] : [...ours, foreign],
    });
    const plugins = where === 'the connection' ? [] : [...ours, ...(where === 'both' ? [] : [foreign])];
    const worker = await create({ connection, plugins });
    await until(worker, async () => {
      await expect.poll(() => run, { timeout: 20_000 }).toContain(deviceQueue);
    });
    await connection.close();
    expect([...worker.options.activities.keys()]).toContain('ingest');
    expect(configured).toEqual([taskQueue]);
    expect(run.sort()).toEqual([deviceQueue, taskQueue]);
  });

  it('two tracing plugins are refused with what to do', async () => {
    const { address } = environment;
    const connection = await NativeConnection.connect({ address, plugins: [tracing()] });
    await expect(create({ connection, plugins: [tracing()] })).rejects.toThrow(
      /^TracingPlugin: sink exporter: .* of its connection; give one alone, to the connection or to the worker/,
    );
    await connection.close();
  });

  const polyfill = 'data:text/javascript,globalThis.theirs = true';
  it.each([
    ['first of a list', (entry: string[]) => [polyfill, ...entry]],
    ['in an object', (entry: string[]) => ({ main: { import: [polyfill, ...entry] } })],
    ['one text', (entry: string[]) => entry[0]!],
  ])('entries that another plugin adds to the bundle do not hide ours: %s', async (_, changed) => {
    const adding: BundlerPlugin = {
      name: 'adding',
      configureBundler: (options) => ({
        ...options,
        webpackConfigHook: (config) =>
          options.webpackConfigHook!({ ...config, entry: changed(config.entry as string[]) }),
      }),
    };
    const plugins = [new WorkflowsPlugin(), adding];
    const { code } = await bundleWorkflowCode({ workflowsPath: theirWorkflows, plugins, logger });
    expect(code).toContain('temper.fineTune: ');
  });
});

describe('the second worker of the preset', () => {
  it("has the host's converter, interceptors and identity, whichever plugin brought them", async () => {
    const codec: PayloadCodec = {
      encode: async (payloads) => payloads.map((p) => ({ ...p, data: p.data?.map((byte) => byte ^ 1) })),
      decode: async (payloads) => payloads.map((p) => ({ ...p, data: p.data?.map((byte) => byte ^ 1) })),
    };
    const seen: string[] = [];
    const foreign = new SimplePlugin({
      name: 'foreign',
      dataConverter: { payloadCodecs: [codec] },
      clientInterceptors: {},
      workerInterceptors: {
        activity: [
          ({ info }) => ({
            inbound: {
              execute: async ({ args, headers }, next) => {
                seen.push(`${info.taskQueue} ${info.activityType} ${(args[0] as { runId: string }).runId}`);
                return next({ args, headers });
              },
            },
          }),
        ],
      },
      runContext: async (next) => {
        seen.push('context');
        await next();
      },
    });
    const plugin = new TemperPlugin({ store, home, deviceQueue: 'temper-cpu-device' });
    const worker = await create({
      workflowsPath: theirWorkflows,
      identity: 'theirs',
      plugins: [plugin, foreign],
    });
    const client = environment.client.options;
    const { Client } = await import('@temporalio/client');
    const coded = new Client({ connection: client.connection, dataConverter: { payloadCodecs: [codec] } });
    await until(worker, async () => {
      const tokens = { kind: 'tokens', digest: `sha256:${'0'.repeat(64)}`, uri: 's3://memory/none' };
      const handle = await coded.workflow.start('trainOnce', {
        taskQueue,
        workflowId: 'coded',
        args: [{ ...input, tokens, baseModel: { ...tokens, kind: 'base-model' }, fresh: true }],
      });
      await expect.poll(() => seen, { timeout: 20_000 }).toContain('temper-cpu-device train theirs');
      const { pollers } = await environment.connection.workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name: 'temper-cpu-device' },
        taskQueueType: 2,
      });
      expect(pollers?.map(({ identity }) => identity)).toContain('theirs');
      await handle.terminate();
    });
    expect(seen.filter((line) => line === 'context')).toHaveLength(2);
  });
});

it('the page says which failures are tried again, as they are', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/plugins.md', import.meta.url)), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (yes|no) +\| (.*?) +\|$/gm)].map(([, ...row]) => row);
  expect(rows).toEqual(
    Object.entries(errorCodes).map(([code, { retryable, meaning }]) => [
      code,
      retryable ? 'yes' : 'no',
      meaning,
    ]),
  );
});

describe('histories', () => {
  it("replay through the plugin, beside a host's workflows", async () => {
    const folder = fileURLToPath(new URL('../../histories/', import.meta.url));
    const histories = readdirSync(folder).flatMap((release) =>
      existsSync(join(folder, release, 'fine-tune-completed.json'))
        ? readdirSync(join(folder, release)).map((name) => ({
            workflowId: name,
            history: JSON.parse(readFileSync(join(folder, release, name), 'utf8')) as never,
          }))
        : [],
    );
    const options = { workflowsPath: theirWorkflows, plugins: [new TemperPlugin({ store, home })] };
    const failed: string[] = [];
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      replayed += 1;
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    expect(failed).toEqual([]);
    expect(replayed).toBe(histories.length);
    expect(replayed).toBeGreaterThan(20);
  });

  it('are replayed at each task where a worker caches nothing', async () => {
    const worker = await create({
      activities: { ...fakes, choosePool: undefined },
      maxCachedWorkflows: 0,
      plugins: [new WorkflowsPlugin()],
    });
    await until(worker, async () => {
      expect(await execute<RunResult>(fineTuneWorkflow, here())).toMatchObject({ status: 'completed' });
    });
  });
});
