import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TemperClient } from '@temper/client';
import type { RunResult } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import type { PayloadCodec } from '@temporalio/common';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from '../e2e/stack.js';
import { plainTextOf } from './plain-text.js';

const hosts = join(import.meta.dirname, 'hosts');
let stack: Stack;
let spec: PipelineSpecInput;

beforeAll(async () => {
  stack = await Stack.start();
  spec = {
    ...(await writeTinyPipeline(stack.folder, 80)),
    name: 'hosted',
    training: { maxSteps: 3, trainBatchSize: 8, evalStrategy: 'no' },
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

interface Host extends AsyncDisposable {
  /** `ready`, or `refused` and why. */
  readonly first: string;
  /** Ends it; what it said then, and its warnings. */
  end(): Promise<{ readonly last: string; readonly warnings: string }>;
}

async function host(program: string, kind = ''): Promise<Host> {
  const child = spawn(process.execPath, [program, kind], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.services.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let warnings = '';
  child.stderr.on('data', (chunk: Buffer) => (warnings += String(chunk)));
  const exited = once(child, 'close');
  const lines: string[] = [];
  const input = createInterface({ input: child.stdout });
  const first = await new Promise<string>((resolve) => {
    input.on('line', (line) => (lines.push(line), resolve(line)));
    input.once('close', () => resolve(`ended: ${warnings}`));
  });
  const end = async () => {
    child.kill('SIGTERM');
    await exited;
    return { last: lines.at(-1)!, warnings };
  };
  return { first, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

const ofKind = (kind: string) => host(join(hosts, 'host.mjs'), kind);

/** A whole run: after the first of its kind, stages come from the cache unless it is `fresh`. */
async function runs(client: TemperClient = stack.client, options = {}): Promise<RunResult['status']> {
  return (await client.result(await client.submit(spec, options))).status;
}

/** But that the device worker has no workflows, which it is there for. */
const warningsIn = ({ warnings }: { readonly warnings: string }) =>
  warnings.split('\n').filter((line) => line && !line.includes('No workflows registered'));

const theirs = (workflowId: string) =>
  stack.client.temporal.workflow.execute('theirs', { taskQueue: 'temper-cpu', workflowId });

describe('the preset in a host', () => {
  it('that has nothing else', async () => {
    await using worker = await ofKind('plain');
    expect(worker.first).toBe('ready');
    expect(await runs()).toBe('completed');
    expect(warningsIn(await worker.end())).toEqual([]);
  });

  it('beside the plugin of OpenTelemetry, whose spans are of our workflows and stages too', async () => {
    await using worker = await ofKind('opentelemetry');
    expect(worker.first).toBe('ready');
    expect(await runs(stack.client, { fresh: true })).toBe('completed');
    const ended = await worker.end();
    for (const span of ['RunWorkflow:fineTune', 'RunActivity:ingest', 'RunActivity:train'])
      expect(ended.last.split(' ')).toContain(span);
    expect(warningsIn(ended)).toEqual([]);
  });

  it.each(['own workflows', 'own bundle with ours'])('with %s has both', async (kind) => {
    await using worker = await ofKind(kind);
    expect(worker.first).toBe('ready');
    expect(await theirs(kind)).toBe('still theirs');
    expect(await runs()).toBe('completed');
  });

  it.each([
    ['own bundle without ours', /workflowBundle.*lacks fineTune and sweep.*@temper\/plugin\/workflow/],
    ['two in one worker', /activity ingest.*this worker has an activity of this name already/],
    ['one prefix twice', /task queue.*not allowed.*temper-cpu/],
  ])('%s is told in a sentence', async (kind, sentence) => {
    await using worker = await ofKind(kind);
    const { last } = worker.first === 'ready' ? await worker.end() : { last: worker.first };
    expect(last).toMatch(/^refused /);
    expect(last).toMatch(sentence);
  });

  it('with an encrypting codec, which the device worker has too: nothing can be read in the history', async () => {
    const { payloadCodec } = (await import(join(hosts, 'codec.mjs'))) as { payloadCodec: PayloadCodec };
    await using worker = await ofKind('codec');
    expect(worker.first).toBe('ready');
    await using client = await TemperClient.connect({
      environment: { ...process.env, ...stack.services.env },
      store: stack.store,
      dataConverter: { payloadCodecs: [payloadCodec] },
    });
    const runId = await client.submit(spec, { fresh: true });
    expect((await client.result(runId)).status).toBe('completed');
    const text = await plainTextOf(client.temporal, runId);
    expect(text).toContain('binary/theirs');
    for (const canary of [stack.folder, 'train.csv', 'manifests/sha256', 'learningRate', 'optimizer'])
      expect(text).not.toContain(canary);
  });

  it('in CommonJS', async () => {
    await using worker = await host(join(hosts, 'host.cjs'));
    expect(worker.first).toBe('ready');
    expect(await runs()).toBe('completed');
  });

  it('bundled by esbuild, all but what has to be found in node_modules', async () => {
    const outfile = join(import.meta.dirname, '../../dist/contract/hosts/bundled.mjs');
    await mkdir(join(outfile, '..'), { recursive: true });
    await build({
      ...{ entryPoints: [join(hosts, 'host.mjs')], outfile, bundle: true, logLevel: 'error' },
      ...{ format: 'esm', platform: 'node', target: 'node20.19' },
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
      external: [
        '@temporalio/*',
        '@temper/workflows',
        '@temper/trainer',
        '@temper/data',
        'onnxruntime-node',
        'esbuild',
      ],
    });
    await using worker = await host(outfile, 'plain');
    expect(worker.first).toBe('ready');
    expect(await runs(stack.client, { fresh: true })).toBe('completed');
  });

  it('twice in a process, with a prefix each', async () => {
    await using worker = await ofKind('two prefixes');
    expect(worker.first).toBe('ready');
    for (const queuePrefix of ['red', 'blue']) {
      const { temporal, store } = stack.client;
      expect(await runs(TemperClient.over(temporal, { store, queuePrefix }))).toBe('completed');
    }
  });
});
