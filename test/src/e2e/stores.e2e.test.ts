import { readdirSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunResult } from '@temper/contracts';
import { startTemper } from '../cli/temper.js';
import { sentences, writeCsv } from '../cli/tiny-classifier.js';
import { Stack } from './stack.js';

// What a release wrote into a team's bucket is there under the next one.
const stores = join(import.meta.dirname, '../../stores');
const releases = readdirSync(stores).filter((name) => name.endsWith('.json.gz'));

interface Predicted {
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What `temper predict` of 0.1.0 said of two texts, with the workers of 0.1.0. */
const texts = ['the meal was awful and sad', 'a lovely trip'];
const negative = {
  'old-lora': [0.514933656377113, 0.5149157201982895],
  'old-full': [0.4980346969026514, 0.4978789558273859],
};

describe.each(releases)('a store of %s', (release) => {
  let stack: Stack;
  const at = (name: string) => join(stack.folder, name);
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await startTemper(stack.folder, args, stack.services.env).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };

  beforeAll(async () => {
    stack = await Stack.start();
    const objects = JSON.parse(gunzipSync(readFileSync(join(stores, release))).toString()) as object;
    for (const [key, bytes] of Object.entries(objects) as [string, string][])
      await stack.store.put(key, Buffer.from(bytes, 'base64'));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('has its models in the list, with their aliases and lineage', async () => {
    const listed = await said('models', 'list');
    expect(listed).toMatch(/old-full:1 +candidate +f1/);
    expect(listed).toMatch(/old-lora:1 +candidate +f1/);
    expect(await said('models', 'show', 'old-lora@candidate')).toMatch(/lineage\n +base +sha256:/);
  });

  it.each(Object.entries(negative))('predicts with %s what that release did', async (model, expected) => {
    const predicted = JSON.parse(await said('predict', model, ...texts, '--json')) as Predicted[];
    const found = predicted.map(({ probabilities }) => probabilities['neg']!);
    expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-6);
  });

  it('exports its adapters, as they are and merged', async () => {
    await said('models', 'export', 'old-lora@candidate', at('adapter'));
    expect(await readdir(at('adapter'))).toContain('adapter_model.safetensors');
    await said('models', 'export', 'old-lora', at('merged'), '--format', 'merged');
    expect(await readdir(at('merged'))).toContain('model.safetensors');
  });

  it('is what a run of today starts from, and publishes beside', async () => {
    await stack.worker('cpu');
    await said('models', 'export', 'old-full', at('base'));
    await writeCsv(at('train.csv'), sentences(80));
    const spec = {
      name: 'old-lora',
      model: { base: 'base' },
      dataset: { train: 'train.csv' },
      method: { type: 'lora', initFrom: 'model:old-lora@candidate' },
      training: { maxSteps: 4, trainBatchSize: 8 },
      evaluation: { gate: 'none' },
    };
    await writeFile(at('spec.yaml'), stringify(spec));
    const result = JSON.parse(await said('run', 'spec.yaml', '--json')) as RunResult;
    expect(result.status).toBe('completed');
    expect(await said('models', 'list')).toMatch(/old-lora:2/);
  });
});
