import { readdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult, StepMetrics } from '@temper/contracts';
import type { LogRecord } from '@temper/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';
import { environment, needsSoftwareGpu } from '../training/software-gpu.js';
import { whyNoMachines } from './network.js';
import { Site } from './site.js';

const reason = await whyNoMachines();
const suite = 'client, workers and servers as other users on other machines';
if (reason) process.stderr.write(`\nSKIPPED: ${suite} – ${reason}\n`);
/** All of it: `npm run test:machines`. */
const whole = process.env['TEMPER_ALL_MACHINES'] === '1';

const STEPS = 2000;
const spec = {
  name: 'far',
  model: { base: 'model' },
  dataset: { train: './train.csv' },
  tokenize: { maxLength: 32 },
  method: { type: 'lora', r: 4 },
  training: {
    ...{ maxSteps: STEPS, learningRate: 3e-3, trainBatchSize: 4, saveSteps: 25, evalStrategy: 'no' },
    loadBestModelAtEnd: false,
  },
  evaluation: { gate: 'none' },
  resources: { threads: 1 },
};
const short = { ...spec, training: { ...spec.training, maxSteps: 20 } };

describe.skipIf(reason)(reason ? `${suite} [skipped: ${reason}]` : suite, () => {
  let site: Site;
  let first: RunResult;
  let firstId: string;

  const write = async (name: string, value: object) => {
    await writeFile(site.at.client.path(name), stringify(value));
    await site.at.client.own(site.at.client.path(name));
    return name;
  };
  const finished = async (runId: string): Promise<RunResult> => {
    await site.at.client.temper('runs', 'watch', runId);
    const { result } = await site.at.client.json<{ result: RunResult }>('runs', 'show', runId);
    return result;
  };

  beforeAll(async () => {
    site = await Site.build(['client', 'cpu-a', 'cpu-b', 'gpu']);
    const { client } = site.at;
    await writeTinyBert(client.path('model'));
    await writeCsv(client.path('train.csv'), sentences(400));
    await client.own(client.folder);
    await write('spec.yaml', spec);
    await site.at['cpu-a'].worker('cpu');
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  it('another machine goes on where one lost its power in the middle of a training', async () => {
    const { client, 'cpu-a': a, 'cpu-b': b } = site.at;
    const detached = await client.temper('run', 'spec.yaml', '--detach', '--json');
    expect(detached).toMatchObject({ code: 0 });
    for (const path of ['model.base', 'dataset.train'])
      expect(detached.stderr).toMatch(new RegExp(`${path}: .* is stored for the workers`));
    firstId = (JSON.parse(detached.stdout) as { runId: string }).runId;
    for (let saved = 0; saved < 2; await sleep(200)) {
      saved = (await client.json<unknown[]>('runs', 'checkpoints', firstId)).length;
    }
    await a.powerCut();
    const before = await client.json<unknown[]>('runs', 'checkpoints', firstId);
    expect(before.length).toBeLessThan(STEPS / spec.training.saveSteps);
    await b.worker('cpu');
    first = await finished(firstId);
    expect(first).toMatchObject({ status: 'completed', model: { name: 'far', version: 1 } });
    // Neither has the client's paths, nor anything of theirs the other.
    for (const machine of [a, b]) expect(await readdir(machine.folder)).not.toContain('model');
  });

  it('logs and metrics of all machines are read through the store', async () => {
    const { client } = site.at;
    const log = await client.json<LogRecord[]>('runs', 'logs', firstId);
    const trained = log.filter(({ stage }) => stage === 'train');
    expect(new Set(trained.map(({ worker }) => worker)).size).toBe(2);
    expect(trained.map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(/^resumed from step \d+ of 2000$/),
    );
    expect((await client.temper('runs', 'logs', firstId)).stdout).toMatch(/train#2 .*resumed from step/);
    const { stdout } = await client.temper('runs', 'metrics', firstId, '--json');
    const steps = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as StepMetrics).step);
    expect(steps.slice(0, STEPS)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(await readdir(client.path('.temper')).catch(() => [])).not.toContain('logs');
  });

  it('predicts on the client, and starts from an adapter that lies there alone', async () => {
    const { client } = site.at;
    const [prediction] = await client.json<{ label: string }[]>('predict', 'far', 'a great and lovely day');
    expect(prediction!.label).toBe('good');
    expect(await client.temper('models', 'export', 'far', 'adapter')).toMatchObject({ code: 0 });
    await write('again.yaml', { ...short, name: 'again', method: { ...spec.method, initFrom: 'adapter' } });
    const result = await client.json<RunResult & { adapter?: string }>('run', 'again.yaml');
    expect(result).toMatchObject({
      status: 'completed',
      adapter: expect.stringMatching(/^sha256:/) as string,
    });
  });

  it('what only a worker sees is checked there, in the words of the check', async () => {
    const { client, 'cpu-b': b } = site.at;
    await writeCsv(b.path('rows.csv'), sentences(60));
    await writeFile(b.path('wrong.csv'), 'body,label\na,x\nb,y\n');
    await b.own(b.folder);
    const columns = { text: 'text', label: 'label' };
    const on = (file: string) => ({ ...short, name: 'theirs', dataset: { train: b.path(file), columns } });
    await write('theirs.yaml', on('rows.csv'));
    const run = await client.temper('run', 'theirs.yaml', '--json');
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toContain(`dataset.train: not seen from this machine (${b.path('rows.csv')}`);
    await write('wrong.yaml', on('wrong.csv'));
    const failed = await client.temper('run', 'wrong.yaml', '--json');
    expect(failed.code).toBe(1);
    const { error, stages } = JSON.parse(failed.stdout) as RunResult;
    expect(error).toMatchObject({ code: 'DATA_INVALID' });
    expect(stages.find(({ name }) => name === 'ingest')).toMatchObject({ attempts: 1 });
    // The same check where the file is.
    await writeTinyBert(b.path('model'));
    await writeFile(b.path('wrong.yaml'), stringify(on('wrong.csv')));
    await b.own(b.folder);
    const there = await b.temper('run', 'wrong.yaml', '--check', '--json');
    expect(there.code).toBe(2);
    for (const { message, hint } of error!.problems) {
      expect(there.stderr + there.stdout).toContain(message);
      if (hint) expect(there.stderr + there.stdout).toContain(hint);
    }
    // A relative path is the client's, and a mistake where it is not there.
    await write('typo.yaml', { ...short, dataset: { train: 'trian.csv', columns } });
    const typo = await client.temper('run', 'typo.yaml');
    expect(typo).toMatchObject({ code: 2 });
    expect(typo.stderr).toContain('did you mean');
  });

  it.runIf(whole)('a schedule and a sweep read what was stored of the client', async () => {
    const { client } = site.at;
    await write('nightly.yaml', { ...short, name: 'nightly' });
    const created = await client.temper('schedule', 'create', 'nightly.yaml', '--every', '365d');
    expect(created).toMatchObject({ code: 0 });
    expect(created.stderr).toContain('every run reads what was stored of it just now');
    expect(await client.temper('schedule', 'trigger', 'nightly')).toMatchObject({ code: 0 });
    let runs: { runId: string }[] = [];
    for (; !runs.length; await sleep(500)) {
      runs = await client.json<{ runId: string }[]>('runs', 'list', '--pipeline', 'nightly');
    }
    expect(await finished(runs[0]!.runId)).toMatchObject({ status: 'completed' });
    expect(await client.temper('schedule', 'delete', 'nightly')).toMatchObject({ code: 0 });
    await write('sweep.yaml', {
      ...{
        name: 'rates',
        pipeline: {
          ...short,
          name: 'rates',
          training: { ...short.training, evalStrategy: 'steps', evalSteps: 10 },
        },
        trials: 2,
        strategy: 'grid',
      },
      search: { 'training.learningRate': { values: [1e-3, 3e-3] } },
    });
    expect(await client.json('sweep', 'sweep.yaml')).toMatchObject({ status: 'completed' });
  });

  const gpu = environment
    ? 'a pool of another machine trains'
    : needsSoftwareGpu('a pool of another machine trains');
  it.runIf(whole && environment)(gpu, async () => {
    await site.at.gpu.worker('webgpu', { ...environment, TEMPER_ALLOW_SOFTWARE_GPU: '1' });
    await write('gpu.yaml', { ...short, name: 'gpu', resources: { pool: 'webgpu' } });
    expect(await site.at.client.json<RunResult>('run', 'gpu.yaml')).toMatchObject({ status: 'completed' });
    const [run] = await site.at.client.json<{ pool: string }[]>('runs', 'list', '--pipeline', 'gpu');
    expect(run!.pool).toBe('webgpu');
  });

  it.runIf(whole)('the interrupted training ended with the bytes of one that was not', async () => {
    const again = await site.at.client.json<RunResult>('run', 'spec.yaml', '--fresh');
    expect(again.model!.digest).toBe(first.model!.digest);
  });
});
