import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePipelineSpec, type IngestInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from '../e2e/stack.js';
import { InstalledApp, root } from './installed-app.js';

let app: InstalledApp;
beforeAll(async () => {
  app = await InstalledApp.create('@acme');
});
afterAll(() => app?.[Symbol.asyncDispose]());

const foreign = ['worker', 'workflows'];

describe('an empty folder with the packed packages, renamed', () => {
  it('knows nothing of the old scope, and holds one SDK', () => {
    expect(existsSync(join(app.folder, 'node_modules/@temper'))).toBe(false);
    const nested = readdirSync(join(app.folder, 'node_modules'), { recursive: true, encoding: 'utf8' });
    expect(nested.filter((path) => path.endsWith('node_modules/@temporalio'))).toEqual([]);
  });

  it('imports every path of every package, as ES modules and from CommonJS', async () => {
    const paths = app.importPaths();
    expect(paths.length).toBeGreaterThan(90);
    const modules = paths.filter((path) => !path.endsWith('.json'));
    const report = `.catch((error) => console.log(path, error.message))`;
    await app.write('all.mjs', `for (const path of ${JSON.stringify(modules)}) await import(path)${report};`);
    expect(await app.run(process.execPath, ['all.mjs'])).toBe('');
    const attempt = `try { require(path) } catch (error) { console.log(path, error.message) }`;
    await app.write('all.cjs', `for (const path of ${JSON.stringify(paths)}) ${attempt}`);
    expect(await app.run(process.execPath, ['all.cjs'])).toBe('');
  });

  it('has types for every path, by the rules of Node and of bundlers, and none of them wrong', async () => {
    const modules = app.importPaths().filter((path) => !path.endsWith('.json'));
    const uses = modules.map(
      (path, i) => `import * as m${i} from '${path}';\nexport const n${i} = Object.keys(m${i});`,
    );
    await app.write('types.mts', uses.join('\n'));
    await app.write('types.cts', uses.join('\n'));
    for (const name of foreign) {
      await app.write(
        `${name}.mts`,
        readFileSync(join(import.meta.dirname, 'foreign', `${name}.ts`), 'utf8'),
      );
    }
    const sources = ['types.mts', ...foreign.map((name) => `${name}.mts`)];
    expect(await typeErrors(['--module', 'node16', '--moduleResolution', 'node16'], sources)).toEqual([]);
    expect(await typeErrors(['--module', 'esnext', '--moduleResolution', 'bundler'], sources)).toEqual([]);
    expect(
      await typeErrors(['--module', 'nodenext', '--moduleResolution', 'nodenext'], ['types.cts']),
    ).toEqual([]);
  });

  it("runs a worker with one stage and the user's own workflow, and one with the preset", async () => {
    for (const name of foreign) {
      const built = join(root, 'test/dist/contract/foreign', `${name}.js`);
      await app.write(
        `${name}.mjs`,
        readFileSync(built, 'utf8').replace('./workflows.js', './workflows.mjs'),
      );
    }
    await using stack = await Stack.start();
    const spec = await tinySpec(stack);
    await using stage = await worker(['worker.mjs', 'stage'], stack);
    await using preset = await worker(['worker.mjs', 'preset'], stack);
    const { workflow } = stack.client.temporal;
    const theirs = (name: string, ...args: unknown[]) =>
      Promise.race([
        workflow.execute(name, { taskQueue: 'their-queue', workflowId: name, args }),
        stage.ended,
        preset.ended,
      ]);
    const input: IngestInput = { runId: 'their-import', spec };
    expect(await theirs('nightlyImport', input)).toMatchObject({
      report: expect.stringMatching(/^imported: 80 train rows/) as string,
    });
    expect(await theirs('retrain', spec)).toBe('completed: theirs:1');
  });

  it("has a worker beside the AI SDK's plugin: a workflow that asks a model, and a run", async () => {
    await app.write('package.json', JSON.stringify({ ...manifestOf(app), overrides: oneSdk }));
    await app.install([
      '@temporalio/ai-sdk@1.23.0',
      'ai@7.0.173',
      '@ai-sdk/mcp@2.0.47',
      '@ai-sdk/provider@4.0.38',
    ]);
    // What the AI SDK asks for; Temper runs on 20.19 too.
    const node = await app.node('22.23.3');
    for (const file of ['host.mjs', 'workflows.mjs'])
      await app.write(file, readFileSync(join(import.meta.dirname, 'ai-sdk', file), 'utf8'));
    for (const where of ['before', 'after']) {
      await using stack = await Stack.start();
      await using host = await worker(['host.mjs', where], stack, node);
      const { workflow } = stack.client.temporal;
      const asked = workflow.execute('asks', { taskQueue: 'temper-cpu', workflowId: 'asks', args: ['why?'] });
      expect(await Promise.race([asked, host.ended])).toBe('fake-1 was asked: why?');
      const runId = await stack.client.submit(await tinySpec(stack));
      expect(await Promise.race([stack.client.result(runId), host.ended])).toMatchObject({
        status: 'completed',
      });
    }
  });

  it('has the command line, and the quickstart in it', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'libs/cli/package.json'), 'utf8')) as {
      version: string;
    };
    expect(await app.run('npx', ['--no-install', 'temper', '--version'])).toBe(`${version}\n`);
    expect(
      await app.run('npx', ['--no-install', '@temper/cli'.replace('@temper', app.scope), '--version']),
    ).toBe(`${version}\n`);
    const answer = await app.run('npx', ['--no-install', 'temper', 'quickstart', '--fast', '--json']);
    expect(JSON.parse(answer)).toMatchObject({
      status: 'completed',
      model: { name: 'spam-filter-fast', version: 1 },
    });
  });
});

const tinySpec = async ({ folder }: Stack) =>
  parsePipelineSpec({
    ...(await writeTinyPipeline(folder, 80)),
    name: 'theirs',
    training: { maxSteps: 3, trainBatchSize: 8, evalStrategy: 'no' },
  });

const manifestOf = ({ folder }: InstalledApp) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;

/** The plugin of the AI SDK wants Temporal's SDK of its own version; a worker must hold one. */
const oneSdk = {
  '@temporalio/ai-sdk': Object.fromEntries(
    ['activity', 'client', 'common', 'plugin', 'proto', 'worker', 'workflow'].map((name) => [
      `@temporalio/${name}`,
      '1.24.0',
    ]),
  ),
};

/** Also in the packages' own declarations; those of others are not ours to mend. */
async function typeErrors(options: readonly string[], files: readonly string[]): Promise<string[]> {
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
  const strict = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const said = await app
    .run(process.execPath, [tsc, ...strict, ...options, ...types, ...files])
    .catch((error: Error) => error.message);
  return said
    .split('\n')
    .filter(
      (line) => /error TS/.test(line) && (/node_modules\/@acme\//.test(line) || !/node_modules/.test(line)),
    );
}

interface ForeignWorker extends AsyncDisposable {
  readonly ended: Promise<string>;
}

async function worker(
  program: readonly string[],
  { services }: Stack,
  node = process.execPath,
): Promise<ForeignWorker> {
  const child = spawn(node, program, {
    cwd: app.folder,
    env: { ...process.env, ...services.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => `${program.join(' ')} ended: ${code}`);
  const first = await Promise.race([once(child.stdout, 'data').then(String), ended]);
  expect(first).toContain('ready');
  return {
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
