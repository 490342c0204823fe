import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { definePipeline } from '@temper/client';
import type { StageOutput } from '@temper/spec';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filtered } from '../../../docs/examples/custom-workflows.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';
import { Stack } from '../e2e/stack.js';

const root = join(import.meta.dirname, '../../..');
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
  await writeTinyBert(join(stack.folder, 'model'));
  await writeCsv(join(stack.folder, 'mails.csv'), sentences(200));
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Compiled as a program of a folder in which our packages are installed; nothing of them is in it. */
async function compiled(name: string): Promise<string> {
  const outdir = join(root, 'test/dist/examples');
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: [join(root, 'docs/examples', name)],
    outdir,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
  });
  return join(outdir, name.replace(/\.ts$/, '.js'));
}

/** A worker of the docs, until the test ends. */
async function working(...names: string[]): Promise<AsyncDisposable> {
  const programs = await Promise.all(names.map(compiled));
  const env = { ...process.env, ...stack.services.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [programs.at(-1)!], { cwd: stack.folder, env });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const [first] = (await Promise.race([once(child.stdout, 'data'), exited])) as unknown[];
  if (!(first instanceof Buffer)) throw new Error(errors);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function run(program: string): Promise<{ code: number | null; lines: string[]; errors: string }> {
  const env = { ...process.env, ...stack.services.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [program], { cwd: stack.folder, env });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, lines: output.trim().split('\n'), errors };
}

describe('the programs in docs', () => {
  it('submits, signals, follows, promotes, schedules and sweeps (docs/client.md)', async () => {
    await stack.worker();
    const { code, lines, errors } = await run(await compiled('mail.ts'));
    expect(errors).toBe('');
    expect(code).toBe(0);
    const text = lines.filter((line) => !line.startsWith('at ')).join('\n');
    expect(text).toMatch(
      new RegExp(
        [
          /stored:\S+/,
          /completed mail 1 (0\.\d+|1)/,
          /60 lines of metrics/,
          /mail 1 \{ candidate: 1 \}/,
          /production was nothing/,
          /made of sha256:[0-9a-f]{64} and model/,
          /2 nights could be made up for/,
          /by night completed/,
          /\[ \{ id: 'nightly', paused: true \} \]/,
          /completed \{ 'training.learningRate': 0.003 \}/,
          /cancelled/,
        ]
          .map(({ source }) => source)
          .join('\\n'),
      ),
    );
    expect(lines.some((line) => line === 'at train')).toBe(true);
    const { approval, changes } = (await stack.client.models.get('mail:1')).meta.lineage;
    expect(approval).toMatchObject({ by: 'ann', comment: 'as good as the last' });
    expect(changes).toMatchObject([{ learningRate: 1e-3, note: 'gently' }]);
    expect(await stack.client.models.aliases('mail')).toMatchObject({ production: { version: 1 } });
    expect(await stack.client.schedules.list()).toEqual([]);
  });

  it('has a stage of its own between two of Temper (docs/custom-stages.md)', async () => {
    const spec = definePipeline(
      {
        ...{ name: 'filtered', model: { base: './model' }, dataset: { train: './mails.csv' } },
        ...{ tokenize: { maxLength: 32 }, method: { type: 'full' }, evaluation: { gate: 'none' } },
        training: { maxSteps: 3, trainBatchSize: 8, evalStrategy: 'no' },
      },
      { folder: stack.folder },
    );
    await using _ = await working('custom-activities.ts', 'custom-workflows.ts', 'custom-worker.ts');
    const { workflow } = stack.client.temporal;
    const filtered = async (workflowId: string, words: string[]): Promise<Filtered> =>
      workflow.execute('trainWithoutRows', {
        taskQueue: 'temper-cpu',
        ...{ workflowId, args: [spec, words] },
      });
    const with200 = await filtered('all', ['no such word']);
    expect(with200).toEqual({ dropped: 0, model: 'filtered:1' });
    const fewer = await filtered('fewer', ['lovely']);
    expect(fewer.dropped).toBeGreaterThan(5);
    expect(fewer.model).toBe('filtered:2');
    const { dataset } = await stack.client.models.lineage('filtered:2');
    expect(dataset.manifest.meta.rows.train).toBe(200 - fewer.dropped);
    // Its own stage too is found in the cache, by data and words.
    await filtered('again', ['lovely']);
    const { events } = await workflow.getHandle('again').fetchHistory();
    const outputs = (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: done }) =>
      done ? [JSON.parse(Buffer.from(done.result!.payloads![0]!.data!).toString()) as StageOutput] : [],
    );
    const own = outputs.find(({ summary }) => summary.includes('rows with lovely dropped'));
    expect(own).toMatchObject({ cached: true, dropped: fewer.dropped });
  });
});
