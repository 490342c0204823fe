import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatProblem, TemperError } from '@temper/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedSources, resolvePaths, withSources } from '@temper/client/pipeline';
import { applySetting, loadSpec, parseSpecText } from './read.js';

const problemsOf = async (act: () => unknown) => {
  try {
    await act();
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  throw new Error('accepted');
};

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-spec-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('reading a spec', () => {
  it('reads YAML and JSON alike', () => {
    const yaml = 'name: a\nmodel: {base: ./m}\ntraining:\n  learningRate: 2.0e-5\n';
    const json = '{"name": "a", "model": {"base": "./m"}, "training": {"learningRate": 2e-5}}';
    expect(parseSpecText(yaml, 'a.yaml')).toEqual(parseSpecText(json, 'a.json'));
  });

  it('gives line and column of every syntax error', async () => {
    const problems = await problemsOf(() => parseSpecText('name: a\nmodel: {base: ./m\ntask: b\n', 'a.yaml'));
    expect(problems[0]!.path).toMatch(/^a\.yaml:[23]:\d+$/);
  });

  it('refuses what is more than a spec before anything takes its time', async () => {
    const many: [string, RegExp][] = [
      [']'.repeat(250_000), /too much in it/],
      ['a: 1\n'.repeat(50_000), /too much in it/],
      ['? \n'.repeat(80_000), /too much in it/],
      ['!a '.repeat(80_000), /too much in it/],
      [`a: &a [${'1, '.repeat(300)}]\nb: [${'*a, '.repeat(4_000)}]`, /alias/],
      [`a: &a "${'x'.repeat(100_000)}"\nb: [${'*a, '.repeat(90)}]`, /alias/],
      [`a: ${'[{'.repeat(60)}`, /nested too deep/],
      ['#'.repeat(300_000), /too long/],
      ['a: "\\q"\n'.repeat(2_000), /escape/],
    ];
    const started = performance.now();
    for (const [text, message] of many) {
      const problems = await problemsOf(() => parseSpecText(text, 'a.yaml'));
      expect(problems[0]!.message).toMatch(message);
      expect(Buffer.byteLength(problems.map(formatProblem).join('\n'))).toBeLessThanOrEqual(4096);
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says that a list, a word or nothing is no spec', async () => {
    for (const text of ['- a\n', 'hello\n', '']) {
      expect((await problemsOf(() => parseSpecText(text, 'a.yaml')))[0]!.message).toContain('mapping');
    }
  });

  it('says that a file is missing, or a folder', async () => {
    expect((await problemsOf(() => loadSpec(join(folder, 'no.yaml'))))[0]!.message).toBe('no such file');
    expect((await problemsOf(() => loadSpec(folder)))[0]!.message).toContain('folder');
  });

  it('resolves paths against the folder of the spec, and leaves URIs alone', async () => {
    await writeFile(
      join(folder, 'a.yaml'),
      'model: {base: pypi:x}\ndataset: {train: data/*.csv, test: s3://b/t.csv, validation: ~/v.csv}\nmethod: {initFrom: ../adapter}\n',
    );
    expect(await loadSpec(join(folder, 'a.yaml'))).toEqual({
      model: { base: 'pypi:x' },
      dataset: {
        train: join(folder, 'data/*.csv'),
        test: 's3://b/t.csv',
        validation: join(homedir(), 'v.csv'),
      },
      method: { initFrom: join(folder, '../adapter') },
    });
  });

  it('resolves and names each of several sources to train on', async () => {
    await writeFile(
      join(folder, 'several.yaml'),
      'dataset: {train: [{source: a.csv}, {source: "s3://b/t.csv"}, {weight: 2}, x, {source: /d.csv, weight: 2}]}\n',
    );
    const spec = await loadSpec(join(folder, 'several.yaml'), ['dataset.train.0.weight=3']);
    expect(spec).toMatchObject({
      dataset: { train: [{ source: join(folder, 'a.csv'), weight: 3 }, {}, {}, 'x', {}] },
    });
    expect(namedSources(spec)).toEqual([
      { path: 'dataset.train.0.source', uri: join(folder, 'a.csv'), relative: true },
      { path: 'dataset.train.1.source', uri: 's3://b/t.csv', relative: false },
      { path: 'dataset.train.4.source', uri: '/d.csv', relative: false },
    ]);
    const stored = withSources(spec as object, new Map([['dataset.train.4.source', 'stored:x/d.csv']]));
    expect(stored).toMatchObject({
      dataset: { train: [{}, {}, {}, 'x', { source: 'stored:x/d.csv', weight: 2 }] },
    });
  });

  it('names the sources of a spec that is not valid', () => {
    const spec = resolvePaths({ model: { base: './m' }, dataset: { train: 3 }, method: 'lora' }, '/specs');
    expect(namedSources(spec)).toEqual([{ path: 'model.base', uri: '/specs/m', relative: true }]);
  });
});

describe('--set', () => {
  it('sets values of every kind, making groups where there are none', () => {
    const spec: Record<string, unknown> = { training: { epochs: 3 } };
    for (const setting of [
      'training.epochs=1',
      'training.maxGradNorm=null',
      'method.targetModules=[q_proj, v_proj]',
    ]) {
      applySetting(spec, setting);
    }
    applySetting(spec, 'name=a=b');
    expect(spec).toEqual({
      name: 'a=b',
      training: { epochs: 1, maxGradNorm: null },
      method: { targetModules: ['q_proj', 'v_proj'] },
    });
  });

  it('refuses what is no setting', async () => {
    for (const setting of ['epochs', '=1', 'a..b=1', '__proto__.x=1']) {
      expect((await problemsOf(() => applySetting({}, setting)))[0]!.message).toBe('not a setting');
    }
  });
});
