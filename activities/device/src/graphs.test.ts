import { parsePipelineSpec, type PipelineSpecInput, type TrainInput } from '@temper/spec';
import type { ArtifactRef } from '@temper/contracts';
import { MemoryStore } from '@temper/storage';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stagePorts } from '@temper/activity';
import { graphsInWords, graphsOf } from './graphs.js';
import { codeOf, trainerCode } from './trainer-code.js';

let folder: string;
let entry: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-graphs-'));
  entry = join(folder, 'trainer.mjs');
  // Says each question, and answers all with one digest.
  await writeFile(
    entry,
    `import { appendFileSync } from 'node:fs';
    process.once('message', (job) => {
      appendFileSync(${JSON.stringify(join(folder, 'asked'))}, job.kind + '\\n');
      const output = { train: { 'grad.onnx': 'sha256:a' }, evaluate: {} };
      process.send({ type: 'done', output }, () => process.exit(0));
    });`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const ref = <K extends ArtifactRef['kind']>(kind: K, of: string): ArtifactRef<K> => ({
  ...{ kind, uri: `s3://temper/manifests/${of}.json`, digest: `sha256:${of.padEnd(64, '0')}` },
});
const input = (spec: Partial<PipelineSpecInput> = {}, tokens = 'c'): TrainInput => ({
  runId: 'r',
  spec: parsePipelineSpec({
    ...{ name: 'graphs', task: 'causal-lm', model: { base: 'm' } },
    dataset: { train: 'rows.jsonl', columns: { prompt: 'prompt', completion: 'completion' } },
    ...spec,
  }),
  ...{ baseModel: ref('base-model', 'b'), tokens: ref('tokens', tokens) },
});

it('asks the trainer once for jobs that differ in nothing that graphs follow from', async () => {
  const ports = () => ({
    ...stagePorts({ store, home: folder }),
    ...{ provider: 'cpu' as const, trainer: { entry } },
  });
  const store = new MemoryStore();
  const asked = async () => (await readFile(join(folder, 'asked'), 'utf8')).split('\n').length - 1;
  const known = await graphsOf(ports(), input());
  expect(known).toEqual({ train: { 'grad.onnx': 'sha256:a' }, evaluate: {} });
  // Another worker, another name, other threads.
  expect(await graphsOf(ports(), input({ name: 'other', resources: { threads: 3 } }))).toEqual(known);
  expect(await asked()).toBe(1);
  await graphsOf(ports(), input({ method: { type: 'lora', r: 3 } }));
  await graphsOf(ports(), input({}, 'd'));
  expect(await asked()).toBe(3);
});

it('is kept under the program that compiles: its package and those that it needs', async () => {
  expect(await trainerCode()).toMatch(/^sha256:[0-9a-f]{64}$/);
  const scope = join(folder, 'node_modules', '@some');
  const write = async (name: string, dependencies: object, code: string) => {
    await mkdir(join(scope, name, 'dist'), { recursive: true });
    const manifest = join(scope, name, 'package.json');
    await writeFile(manifest, JSON.stringify({ name: `@some/${name}`, version: '1.0.0', dependencies }));
    await writeFile(join(scope, name, 'dist', 'index.js'), code);
    return manifest;
  };
  const trainer = await write('trainer', { '@some/graph': '1.0.0', other: '1.0.0' }, '1');
  await write('graph', {}, '1');
  await write('beside', {}, '1');
  const before = await codeOf(trainer);
  await write('beside', {}, '2');
  expect(await codeOf(trainer)).toBe(before);
  await write('graph', {}, '2');
  expect(await codeOf(trainer)).not.toBe(before);
});

it('says where a key has no digests', () => {
  expect(graphsInWords({ train: {}, evaluate: {} })).toBe('');
  expect(graphsInWords({ unknown: 'whether a and b are one weight' })).toBe(
    '; its key has the graphs by version (only values tell whether a and b are one weight)',
  );
});
