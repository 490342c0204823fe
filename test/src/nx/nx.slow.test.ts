// The plugin as somebody uses it who has Temper from a registry: nx add, generate, run, run again, change the data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from './commands.js';
import { startRegistry, type Registry } from './registry.js';
import { Workspace } from './workspace.js';

/** Outputs of all tasks, one after the other. */
const STATIC = '--output-style=static';
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let registry: Registry;
let workspace: Workspace;

interface Target {
  readonly executor: string;
  readonly cache?: boolean;
  readonly continuous?: boolean;
  readonly inputs?: unknown[];
  readonly outputs?: string[];
  readonly metadata?: { technologies: string[]; description: string; help: { command: string } };
}
const targetsOf = async (project: string) =>
  (
    JSON.parse((await workspace.nx('show', 'project', project, '--json')).stdout) as {
      targets: Record<string, Target>;
    }
  ).targets;

interface Package {
  readonly name: string;
  readonly private?: boolean;
}

async function publishAll(): Promise<void> {
  await command(process.execPath, ['infra/workspace/packable.mjs'], { cwd: root });
  const { stdout } = await command('npm', ['query', '.workspace'], { cwd: root });
  const names = (JSON.parse(stdout) as Package[]).filter((one) => !one.private).map(({ name }) => name);
  const workspaces = names.flatMap((name) => ['--workspace', name]);
  const args = ['publish', '--ignore-scripts', '--access', 'public', ...workspaces];
  await command('npm', args, { cwd: root, env: registry.env });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-nx-e2e-'));
  registry = await startRegistry(join(folder, 'registry'));
  await publishAll();
  workspace = await Workspace.create(join(folder, 'theirs'), registry.env);
}, 900_000);
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('nx add', () => {
  it('installs the plugin and registers it, and a second time changes nothing', async () => {
    await workspace.nx('add', '@temper/nx');
    const { plugins } = JSON.parse(await workspace.read('nx.json')) as { plugins: unknown };
    expect(plugins).toEqual([{ plugin: '@temper/nx', options: {} }]);
    const files = ['nx.json', 'package.json', '.gitignore'];
    const before = await Promise.all(files.map((file) => workspace.read(file)));
    await workspace.nx('g', '@temper/nx:init');
    expect(await Promise.all(files.map((file) => workspace.read(file)))).toEqual(before);
    const { output } = await workspace.run('npx', 'temper', '--version');
    expect(output).toMatch(/\d+\.\d+\.\d+/);
  });
});

describe('a generated pipeline', () => {
  it('is a project whose targets follow from its file', async () => {
    await workspace.nx('g', '@temper/nx:pipeline', 'pipelines/reviews', '--no-interactive');
    await workspace.nx('g', '@temper/nx:pipeline', 'pipelines/other', '--no-interactive');
    const { check, run, ...others } = await targetsOf('reviews');
    expect(check).toMatchObject({ executor: '@temper/nx:check', cache: true });
    expect(run).toMatchObject({ executor: '@temper/nx:run', cache: true, outputs: ['{options.result}'] });
    expect(run!.inputs).toEqual(
      expect.arrayContaining([
        '{workspaceRoot}/pipelines/reviews/temper.yaml',
        '{projectRoot}/data/train.csv',
        { externalDependencies: ['@temper/cli'] },
      ]),
    );
    expect(run!.metadata).toMatchObject({
      technologies: ['temper'],
      help: { command: 'npx temper run --help' },
    });
    expect(others['serve-worker']).toMatchObject({ executor: '@temper/nx:serve-worker', continuous: true });
  });

  it('passes its check, once', async () => {
    const { output } = await workspace.nx('run-many', '--targets=check', STATIC);
    expect(output).toMatch(/the spec can run/);
    expect((await workspace.nx('run-many', '--targets=check', STATIC)).output).toMatch(/2 out of 2 tasks/);
  });

  it('is run, and a second time comes from the cache with its result', async () => {
    await workspace.nx('run', 'reviews:run');
    const result = await workspace.read('pipelines/reviews/dist/temper/temper.json');
    expect(JSON.parse(result)).toMatchObject({ status: 'completed', model: { name: 'reviews', version: 1 } });
    await workspace.remove('pipelines/reviews/dist');
    expect((await workspace.nx('run', 'reviews:run')).output).toMatch(/1 out of 1 tasks/);
    expect(await workspace.read('pipelines/reviews/dist/temper/temper.json')).toBe(result);
  });

  it('is run again when its data changed, and only those that it belongs to are affected', async () => {
    await workspace.nx('run', 'other:run');
    await workspace.commit();
    const data = await workspace.read('pipelines/reviews/data/train.csv');
    await workspace.write(
      'pipelines/reviews/data/train.csv',
      `${data}"The fan hums all night.","negative"\n`,
    );
    const { output } = await workspace.nx('affected', '--targets=run', '--base=HEAD', STATIC);
    expect(output).toContain('reviews:run');
    expect(output).not.toContain('other:run');
    expect(output).not.toMatch(/out of 1 tasks/);
    const result = JSON.parse(await workspace.read('pipelines/reviews/dist/temper/temper.json')) as object;
    expect(result).toMatchObject({ model: { name: 'reviews', version: 2 } });
  });

  it('is run again when data changed that git does not see', async () => {
    await workspace.write('.gitignore', `${await workspace.read('.gitignore')}pipelines/other/data/\n`);
    await workspace.run('git', 'rm', '-r', '--cached', '--quiet', 'pipelines/other/data');
    await workspace.commit();
    await workspace.nx('run', 'other:check');
    expect((await workspace.nx('run', 'other:check')).output).toMatch(/1 out of 1 tasks/);
    const data = await workspace.read('pipelines/other/data/train.csv');
    await workspace.write('pipelines/other/data/train.csv', `${data}"The fan hums all night.","negative"\n`);
    expect((await workspace.nx('run', 'other:check')).output).not.toMatch(/1 out of 1 tasks/);
  });

  it('that has a mistake fails with what it is', async () => {
    const spec = await workspace.read('pipelines/other/temper.yaml');
    await workspace.write(
      'pipelines/other/temper.yaml',
      spec.replace('method: { type: lora', 'method: { type: lorra'),
    );
    const { code, output } = await workspace.failing('run', 'other:check');
    expect(code).not.toBe(0);
    expect(output).toMatch(/lorra/);
    await workspace.write('pipelines/other/temper.yaml', spec);
  });
});

describe('code of their own', () => {
  it('is generated, its types are right and its tests pass', async () => {
    await workspace.nx('g', '@temper/nx:activity', 'stages/tidy', '--no-interactive');
    await workspace.nx('g', '@temper/nx:worker', 'workers/own', '--activities=tidy', '--no-interactive');
    const args = ['--targets=test,typecheck', '--projects=tidy,own', STATIC];
    const { output } = await workspace.nx('run-many', ...args);
    expect(output).toMatch(/Successfully ran targets test, typecheck for 2 projects/);
  });

  it('makes the pipelines that its worker runs affected, and no others', async () => {
    const args = ['pipelines/theirs', '--worker=own', '--no-interactive'];
    await workspace.nx('g', '@temper/nx:pipeline', ...args);
    await workspace.commit();
    const source = await workspace.read('stages/tidy/src/tidy.ts');
    await workspace.write('stages/tidy/src/tidy.ts', source.replace('needless', 'all needless'));
    const affected = ['show', 'projects', '--affected', '--with-target=run', '--base=HEAD', '--json'];
    expect(JSON.parse((await workspace.nx(...affected)).stdout)).toEqual(['theirs']);
  });

  it('serves the stages until it is stopped', async () => {
    // As it comes: what is static is shown at the end.
    const args = ['run', 'own:serve-worker', '--output-style=stream'];
    const { code, output } = await workspace.until(/RUNNING/, ...args);
    expect(output).toMatch(/RUNNING/);
    expect(code).not.toBe(1);
  });
});
