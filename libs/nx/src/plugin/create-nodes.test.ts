import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNodes, createNodesV2, type TemperNxOptions } from '../index.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'temper-nx-'));
  vi.stubEnv('NX_DAEMON', 'false');
  vi.stubEnv('NX_CACHE_PROJECT_GRAPH', 'false');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

const spec = (train: string, more = '') =>
  `name: reviews\nmodel: { base: 'pypi:x' }\ndataset: { train: ${train} }\n${more}`;

interface Project {
  readonly name?: string;
  readonly targets: Record<string, TargetConfiguration>;
}

/** Project by folder, as Nx merges what it is given. */
async function inferred(files: string[], options?: TemperNxOptions): Promise<Record<string, Project>> {
  const context = { workspaceRoot: root, nxJsonConfiguration: {} };
  const merged: Record<string, Project> = {};
  for (const [, { projects }] of await createNodes[1](files, options, context)) {
    for (const [folder, { name, targets }] of Object.entries(projects ?? {})) {
      const known = merged[folder]?.targets ?? {};
      merged[folder] = { ...(name ? { name } : {}), targets: { ...known, ...targets } };
    }
  }
  return merged;
}

describe('a folder with a pipeline', () => {
  it('is a project that can be checked, run and served', async () => {
    write({ 'p/reviews/temper.yaml': spec('data/train.csv'), 'p/reviews/data/train.csv': 'text,label\n' });
    const { name, targets } = (await inferred(['p/reviews/temper.yaml']))['p/reviews']!;
    expect(name).toBe('reviews');
    expect(Object.keys(targets)).toEqual(['check', 'run', 'serve-worker']);
    expect(targets['run']).toMatchObject({
      executor: '@temper/nx:run',
      options: {
        file: '{workspaceRoot}/p/reviews/temper.yaml',
        result: '{projectRoot}/dist/temper/temper.json',
      },
      cache: true,
      parallelism: false,
      outputs: ['{options.result}'],
      metadata: { technologies: ['temper'], help: { command: 'npx temper run --help' } },
    });
    expect(targets['run']!.inputs).toEqual(
      expect.arrayContaining([
        '{workspaceRoot}/p/reviews/temper.yaml',
        '{projectRoot}/data/train.csv',
        '^default',
        { env: 'S3_ENDPOINT' },
      ]),
    );
    expect(targets['serve-worker']).toMatchObject({ continuous: true, cache: false });
  });

  it('depends on every file that the spec names, and on the packages that the workspace has', async () => {
    write({
      'package.json': '{ "devDependencies": { "@temper/cli": "1", "@temper/nx": "1", "@temper/gone": "1" } }',
      'node_modules/@temper/cli/package.json': '{}',
      'p/temper.yaml': `name: x
model: { base: ../models/tiny }
dataset: { train: 'data/*.csv', validation: held/out.csv, test: 's3://b/test.csv' }
method: { type: lora, initFrom: ../adapters/a }
`,
      'p/held/out.csv': 'text\n',
    });
    const { targets } = (await inferred(['p/temper.yaml']))['p']!;
    const { inputs } = targets['check']!;
    expect(inputs).toEqual([
      '{workspaceRoot}/p/temper.yaml',
      '{workspaceRoot}/models/tiny',
      '{workspaceRoot}/models/tiny/**/*',
      '{projectRoot}/data/*.csv',
      '{projectRoot}/held/out.csv',
      '{workspaceRoot}/adapters/a',
      '{workspaceRoot}/adapters/a/**/*',
      { runtime: expect.stringMatching(/^node \S*digest-main\.js p\/temper\.yaml$/) as string },
      '^default',
      { externalDependencies: ['@temper/cli'] },
    ]);
  });

  it('follows a spec that was changed', async () => {
    write({ 'p/temper.yaml': spec('a.csv'), 'p/a.csv': '', 'p/b.csv': '' });
    await inferred(['p/temper.yaml']);
    write({ 'p/temper.yaml': spec('b.csv', 'resources: { pool: webgpu }') });
    const { targets } = (await inferred(['p/temper.yaml']))['p']!;
    expect(targets['run']!.inputs).toContain('{projectRoot}/b.csv');
    expect(targets['serve-worker']!.options).toEqual({ pools: ['cpu', 'webgpu'] });
  });

  it('calls its targets as nx.json says', async () => {
    write({ 'p/temper.yaml': spec('a.csv') });
    const names = { checkTargetName: 'lint-data', runTargetName: 'train', serveWorkerTargetName: 'work' };
    const { targets } = (await inferred(['p/temper.yaml'], names))['p']!;
    expect(Object.keys(targets)).toEqual(['lint-data', 'train', 'work']);
  });

  it('has them even where the file cannot be read: the check tells why', async () => {
    write({ 'p/temper.yaml': 'name: [', 'q/temper.json': '7' });
    const found = await inferred(['p/temper.yaml', 'q/temper.json']);
    for (const { targets } of Object.values(found)) expect(Object.keys(targets)).toContain('check');
  });
});

it('several pipelines of a folder have targets each, and together', async () => {
  write({ 'p/a.temper.yaml': spec('a.csv'), 'p/b.temper.yml': spec('b.csv') });
  const { targets } = (await inferred(['p/a.temper.yaml', 'p/b.temper.yml']))['p']!;
  expect(Object.keys(targets).sort()).toEqual(
    ['check', 'check--a', 'check--b', 'run', 'run--a', 'run--b', 'serve-worker--a', 'serve-worker--b'].sort(),
  );
  expect(targets['run']!.dependsOn).toEqual([
    { target: 'run--a', params: 'forward' },
    { target: 'run--b', params: 'forward' },
  ]);
  expect(targets['run--b']!.options).toMatchObject({ result: '{projectRoot}/dist/temper/b.json' });
});

it('a sweep is a pipeline too, with the file that it names', async () => {
  write({
    's/rates.temper.yaml': 'name: rates\npipeline: ../p/temper.yaml\nsearch: {}\n',
    'p/temper.yaml': spec('data.csv'),
    'p/data.csv': '',
  });
  const { targets } = (await inferred(['s/rates.temper.yaml']))['s']!;
  expect(targets['run']!.inputs).toEqual(
    expect.arrayContaining(['{workspaceRoot}/p/temper.yaml', '{workspaceRoot}/p/data.csv']),
  );
  expect(targets['run']!.metadata!.help!.command).toBe('npx temper sweep --help');
});

it('folders that are called alike are projects of different names', async () => {
  write({ 'a/spam/temper.yaml': spec('x.csv'), 'b/spam/temper.yaml': spec('x.csv') });
  const found = await inferred(['a/spam/temper.yaml', 'b/spam/temper.yaml']);
  expect(Object.values(found).map(({ name }) => name)).toEqual(['a-spam', 'b-spam']);
});

it('older versions of Nx find it by its former name', () => {
  expect(createNodesV2).toBe(createNodes);
});
