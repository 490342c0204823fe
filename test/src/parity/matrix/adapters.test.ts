import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAdapter } from '@temper/methods';
import { checkModel } from '@temper/models';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAdapter, writeBase } from './cell-model.js';
import { cellIds, readCell } from './golden.js';

/** PEFT's adapters of every decoder whose shapes follow from more than modules. */
const cells = cellIds().filter((id) => /\/(prefix-tuning|prompt-tuning|ln-tuning)\/causal-lm$/.test(id));

describe('an adapter that PEFT made fits the base model that it was made for, by the check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-adapters-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(cells)('%s', async (id) => {
    const cell = readCell(id);
    const [base, initFrom] = ['base', 'adapter'].map((name) => join(folder, id.replaceAll('/', '-'), name));
    await writeBase(base!, cell);
    await writeAdapter(initFrom!, cell.adapter!);
    const { method } = parsePipelineSpec({
      ...{ name: 'check', model: { base: base! }, dataset: { train: 'a' } },
      method: { ...cell.spec.method, initFrom } as PipelineSpecInput['method'],
    });
    const model = await checkModel(base!, 'causal-lm');
    expect(() => checkAdapter(initFrom!, method, model)).not.toThrow();
  });
});
