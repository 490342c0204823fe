import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { fineTuneWorkflow, queuesOf, type RunResult } from '@temper/contracts';
import { parsePipelineSpec, type FineTuneInput } from '@temper/spec';
import { median } from '../measurement.js';
import { attributesOf } from '@temper/client/attributes';
import { cpuTime } from './cpu-time.js';

const spec = parsePipelineSpec({
  name: 'no-op',
  model: { base: './model' },
  dataset: { train: 'rows.csv' },
});
export type Kind = 'fineTune' | 'bare';

/** One pipeline from its start to its result. */
interface Timing {
  readonly ms: number;
  /** Until its first stage began. */
  readonly startMs: number;
}

async function pipeline(client: Client, kind: Kind): Promise<Timing> {
  const runId = `${kind}-${randomUUID()}`;
  const started = Date.now();
  const input: FineTuneInput = { runId, spec };
  const handle = await client.workflow.start(kind === 'bare' ? 'bare' : fineTuneWorkflow, {
    workflowId: runId,
    taskQueue: queuesOf().workflow,
    args: [input],
    ...(kind === 'bare' ? {} : { typedSearchAttributes: attributesOf(spec) }),
  });
  const result = (await handle.result()) as RunResult | undefined;
  const ms = Date.now() - started;
  if (kind === 'bare') return { ms, startMs: 0 };
  if (result?.status !== 'completed') throw new Error(`${runId}: ${result?.status}`);
  return { ms, startMs: Number(result.stages[0]!.summary) - started };
}

/** Milliseconds of a pipeline that is alone: median. */
export async function alone(client: Client, kind: Kind, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push((await pipeline(client, kind)).ms);
  return median(times);
}

export interface Load {
  readonly pipelines: number;
  readonly perSecond: number;
  readonly lost: number;
  readonly startP99: number;
  /** Of client, worker and Temporal server together, for one pipeline: what bounds the rate on any number of cores. */
  readonly cpuMs: number;
}

/** `pipelines` in all, `atOnce` of them at any time. */
export async function loaded(
  client: Client,
  kind: Kind,
  { pipelines, atOnce, processes }: { pipelines: number; atOnce: number; processes: readonly number[] },
): Promise<Load> {
  const cpu = cpuTime(processes);
  let [left, lost] = [pipelines, 0];
  const starts: number[] = [];
  const began = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      try {
        starts.push((await pipeline(client, kind)).startMs);
      } catch (error) {
        lost += 1;
        process.stderr.write(`${String(error)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - began) / 1000;
  starts.sort((a, b) => a - b);
  const startP99 = starts[Math.min(starts.length - 1, Math.ceil(0.99 * starts.length) - 1)] ?? NaN;
  const cpuMs = (cpuTime(processes) - cpu) / pipelines;
  process.stderr.write(`${kind}: ${pipelines} pipelines in ${seconds.toFixed(1)} s\n`);
  return { pipelines, perSecond: (pipelines - lost) / seconds, lost, startP99, cpuMs };
}

export async function startWorker(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<AsyncDisposable & { readonly pid: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.js')], {
    cwd: folder,
    env: { ...process.env, ...env, TEMPER_EXIT_ON_STDIN_END: '1', TEMPER_LOG_LEVEL: 'error' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.value !== 'worker ready') throw new Error('the worker did not start');
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
