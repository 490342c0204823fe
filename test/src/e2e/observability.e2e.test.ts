import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult } from '@temper/contracts';
import { freePort } from '@temper/telemetry/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';
import { startTemper } from '../cli/temper.js';
import { Collector } from '../observability/collector.js';
import { hasPromtool, promtool, withPromtool } from '../observability/promtool.js';
import { parseMetrics, valueOf } from '../observability/text-format.js';
import { eventually, Stack, trainersOf, type WorkerHandle } from './stack.js';

let stack: Stack;
let collector: Collector;
let worker: WorkerHandle;
let tracing: NodeJS.ProcessEnv;
let metricsUrl: string;

const spec = {
  name: 'observed',
  model: { base: 'model' },
  dataset: { train: 'train.csv' },
  tokenize: { maxLength: 32 },
  method: { type: 'full' },
  training: { maxSteps: 300, learningRate: 1e-3, trainBatchSize: 8, saveSteps: 20, evalStrategy: 'no' },
};

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly run?: string;
  readonly stage?: string;
  readonly attempt?: number;
  readonly pipeline?: string;
  readonly [attribute: string]: unknown;
}
const logLines = async (): Promise<Line[]> =>
  (await readFile(worker.log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  [stack, collector] = await Promise.all([Stack.start(), Collector.start()]);
  tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '200' };
  worker = await stack.worker('cpu', { ...tracing, TEMPER_METRICS_PORT: '0' });
  metricsUrl = await eventually('the address of the metrics', async () => {
    const line = (await logLines()).find(({ msg }) => msg === 'metrics');
    return line && String(line['url']);
  });
  await writeTinyBert(join(stack.folder, 'model'));
  await writeCsv(join(stack.folder, 'train.csv'), sentences(300));
  await writeFile(join(stack.folder, 'spec.yaml'), stringify(spec));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

const cli = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  startTemper(stack.folder, args, { ...stack.services.env, ...env });
const scrape = async () => (await fetch(metricsUrl)).text();

describe('a run that is killed once, observed from outside', () => {
  let live: string;
  let ended: string;
  let result: RunResult;

  beforeAll(async () => {
    const run = cli(['run', 'spec.yaml', '--json', '--fresh'], tracing);
    const runId = await eventually(
      'the run id',
      async () => /run (observed-\S+)/.exec(run.output.stderr)?.[1],
    );
    await eventually('a checkpoint', async () => (await stack.checkpointStep(runId)) >= 40);
    live = await eventually('a loss', async () => {
      const text = await scrape();
      return /^temper_training_loss\{/m.test(text) && text;
    });
    for (const pid of await trainersOf(runId)) process.kill(pid, 'SIGKILL');
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    result = JSON.parse(stdout) as RunResult;
    ended = await scrape();
  });

  it('serves metrics that a strict parser takes, ours and the SDK’s', () => {
    const families = parseMetrics(live);
    expect(valueOf(families, 'temper_training_loss', { pipeline: 'observed', pool: 'cpu' })).toBeGreaterThan(
      0,
    );
    for (const name of [
      'temper_training_steps_total',
      'temper_training_tokens_total',
      'temper_training_steps_per_second',
      'temper_training_tokens_per_second',
      'temper_checkpoint_seconds',
      'temper_s3_requests_total',
      'temper_s3_seconds',
      'temper_queue_wait_seconds',
    ]) {
      expect(valueOf(families, name), name).toBeGreaterThan(0);
    }
    expect(valueOf(families, 'temper_stages_running', { stage: 'train' })).toBe(1);
    expect([...families.keys()].filter((name) => name.startsWith('temporal_')).length).toBeGreaterThan(10);
    // Which the dashboard shows.
    expect(families.has('temporal_worker_task_slots_used')).toBe(true);
  });

  it('counts attempts, their outcomes and all steps, and forgets the loss when the run has ended', () => {
    const families = parseMetrics(ended);
    const attempts = (labels: Record<string, string>) =>
      valueOf(families, 'temper_stage_attempts_total', labels);
    expect(attempts({ stage: 'train', outcome: 'failed' })).toBe(1);
    expect(attempts({ stage: 'train', outcome: 'completed', pipeline: 'observed' })).toBe(1);
    expect(attempts({ outcome: 'completed' })).toBe(5);
    expect(valueOf(families, 'temper_stage_failures_total', { code: 'TRAINER_DIED' })).toBe(1);
    expect(valueOf(families, 'temper_stage_seconds', { stage: 'publish' })).toBe(1);
    // Those that were lost with the killed trainer were trained twice, and its last ones were perhaps not told.
    expect(valueOf(families, 'temper_training_steps_total')).toBeGreaterThan(250);
    // 15 of 20 steps each; what a killed trainer saved without a word of it is not counted.
    expect(valueOf(families, 'temper_checkpoint_seconds')).toBeGreaterThanOrEqual(10);
    // The trainer's own requests are there, which nobody else makes: it claims its run.
    expect(
      valueOf(families, 'temper_s3_requests_total', { operation: 'PutObject', code: '200' }),
    ).toBeGreaterThan(50);
    for (const gauge of ['loss', 'steps_per_second', 'tokens_per_second']) {
      expect(valueOf(families, `temper_training_${gauge}`), gauge).toBeUndefined();
    }
    expect(valueOf(families, 'temper_stages_running')).toBe(0);
  });

  it('has labels of few values, never a run’s id', () => {
    expect(ended).not.toContain(result.runId);
    expect(live).not.toContain(result.runId);
  });

  it('is one trace from the command to the training step', async () => {
    const steps = await eventually('spans of steps', async () => {
      const found = collector.spans.filter((s) => s.name === 'training step');
      const root = collector.spans.find((s) => s.name === 'temper run');
      return root && collector.spans.some((s) => s.name === 'RunWorkflow:fineTune') && found;
    });
    expect([...collector.contentTypes]).toEqual(['application/x-protobuf']);
    const step = steps.at(-1)!;
    expect(collector.ancestors(step).map((s) => `${s.service} ${s.name}`)).toEqual([
      'temper-trainer trainer train',
      'temper-worker RunActivity:train',
      'temper-worker StartActivity:train',
      'temper-worker RunWorkflow:fineTune',
      'temper-cli StartWorkflow:fineTune',
      'temper-cli temper run',
    ]);
    expect(step.attributes).toMatchObject({
      step: 300,
      loss: expect.any(Number) as number,
      tokens: expect.any(Number) as number,
    });
    const names = collector.spans.filter((s) => s.traceId === step.traceId).map((s) => s.name);
    for (const name of ['build graph', 'checkpoint', 'evaluate', 'trainer evaluate', 'RunActivity:publish']) {
      expect(names).toContain(name);
    }
    // Both trainers together, one of which was killed before it could send its last ones.
    expect(steps.length).toBeLessThanOrEqual(400);
    expect(names.some((name) => /Query|Describe/.test(name))).toBe(false);
  });

  it('marks the attempt that was killed with its error code, and each with run, stage and attempt', () => {
    const attempts = collector.spans
      .filter((s) => s.name === 'RunActivity:train')
      .sort((a, b) => Number(a.attributes['temper.attempt']) - Number(b.attributes['temper.attempt']));
    expect(attempts.map((s) => [s.failed, s.attributes['error.type']])).toEqual([
      [true, 'TRAINER_DIED'],
      [false, undefined],
    ]);
    expect(attempts[1]!.attributes).toMatchObject({
      'temper.run': result.runId,
      'temper.stage': 'train',
      'temper.attempt': 2,
      'temper.pipeline': 'observed',
      'temper.outcome': 'completed',
    });
  });

  it('logs every line about the run with run, stage, attempt and pipeline', async () => {
    const about = (await logLines()).filter((line) => JSON.stringify(line).includes(result.runId));
    expect(about.length).toBeGreaterThan(15);
    for (const line of about) {
      expect(line, line.msg).toMatchObject({
        run: result.runId,
        stage: expect.any(String) as string,
        attempt: expect.any(Number) as number,
        pipeline: 'observed',
      });
    }
    const train = about.filter((line) => line.stage === 'train').map((l) => `${l.attempt} ${l.msg}`);
    for (const words of [
      /^1 training of 300 steps begins$/,
      /^1 checkpoint of step 20$/,
      /^1 the trainer process was killed by SIGKILL$/,
      /^2 resumed from step \d+ of 300$/,
      /^2 checkpoint of step 300$/,
    ]) {
      expect(train).toContainEqual(expect.stringMatching(words));
    }
    expect(about.map((l) => l.msg)).toContain('evaluation of the fine-tuned model');
  });

  it('temper runs logs shows them for people, and as records', async () => {
    const { code, stdout } = await cli(['runs', 'logs', result.runId]).ended;
    expect(code).toBe(0);
    const at =
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  WARN   train#1  the trainer process was killed by SIGKILL/m;
    expect(stdout).toMatch(at);
    expect(stdout).toMatch(/ info   train#2  checkpoint of step 300  .*seconds=\d/);
    const records = await cli(['runs', 'logs', result.runId, '--json', '--lines', '5']).ended;
    const lines = JSON.parse(records.stdout) as Line[];
    expect(lines.map((line) => line.run)).toEqual(Array(5).fill(result.runId));
  });
});

describe('a run that fails', () => {
  it('has its code in its spans, and tells in the Temporal UI what is wrong and what to type next', async () => {
    // Past the command line, which would refuse it before anything is queued.
    const at = (name: string) => join(stack.folder, name);
    const columns = { text: 'text', label: 'sentiment' };
    const dataset = { train: at('train.csv'), columns };
    const runId = await stack.client.submit({ name: 'observed', model: { base: at('model') }, dataset });
    expect(await stack.client.result(runId)).toMatchObject({ status: 'failed' });
    const workflow = await eventually('its span', async () =>
      collector.spans.find((s) => s.name === 'RunWorkflow:fineTune' && s.attributes['temper.run'] === runId),
    );
    expect(workflow).toMatchObject({ failed: true, attributes: { 'error.type': 'DATA_INVALID' } });
    const activity = collector.spans.find(
      (s) => s.name === 'RunActivity:ingest' && s.attributes['temper.run'] === runId,
    );
    expect(activity).toMatchObject({ failed: true, attributes: { 'error.type': 'DATA_INVALID' } });

    const handle = stack.client.temporal.workflow.getHandle(runId);
    const description = await handle.describe();
    expect(description.memo).toMatchObject({ pipeline: 'observed', dataset: expect.any(String) as string });
    expect(await description.staticSummary()).toBe('observed: lora on model');
    expect(
      Object.fromEntries(
        description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
      ),
    ).toMatchObject({ TemperPipeline: 'observed', TemperStage: 'failed', TemperModel: 'observed' });
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('| ingest | failed |');
    expect(currentDetails).toContain('DATA_INVALID');
    expect(currentDetails).toContain('no column sentiment');
    expect(currentDetails).toContain(`temper runs show ${runId}`);
  });
});

describe('temper worker --metrics-port', () => {
  it('serves metrics there and says so; a port that is none is a wrong call', async () => {
    expect(await cli(['worker', '--metrics-port', 'many']).ended).toMatchObject({ code: 2 });
    const port = await freePort();
    const started = cli(['worker', '--metrics-port', String(port), '--json']);
    const line = await eventually(
      'its answer',
      async () => started.output.stdout.includes('\n') && started.output.stdout,
    );
    const { metrics } = JSON.parse(line) as { metrics: string };
    expect(metrics).toBe(`http://127.0.0.1:${port}/metrics`);
    const families = parseMetrics(await (await fetch(metrics)).text());
    expect(families.get('temper_stage_attempts_total')).toMatchObject({ type: 'counter', samples: [] });
    started.child.kill('SIGTERM');
    await started.ended;
  });
});

describe.skipIf(!hasPromtool)(withPromtool, () => {
  it('the metrics of a live worker pass its check', async () => {
    expect(await promtool(['check', 'metrics'], await scrape())).toEqual({ code: 0, said: '' });
  });
});
