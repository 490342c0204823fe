import type { BaseModel } from '@temper/models';
import { readMethodSpec } from '@temper/methods/schema';
import { parsePipelineSpec } from '@temper/spec';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ParameterStore } from '../parameters.js';
import { writersOf } from './writers.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const base = { folder: at('../../../models/src/goldens/llama-tiny') } as BaseModel;
/** Of three tokens. */
const adapter = at('../../../methods/src/goldens/peft/prompt-tuning');

const positionsOf = (method: object, initFrom?: string) => {
  const plain = parsePipelineSpec({
    name: 'n',
    task: 'causal-lm',
    model: { base: 'm' },
    dataset: { train: 'rows.jsonl' },
  });
  const spec = { ...plain, method: readMethodSpec(method) };
  const inputs = {
    base,
    initFrom,
    tokens: {} as never,
    load: () => Promise.reject(new Error('not asked for')),
  };
  return writersOf(inputs, spec, new ParameterStore([], 'values')).positions();
};

it('leaves texts the positions that the method does not take, as its adapter to start from has it', async () => {
  const all = await positionsOf({ type: 'full' });
  expect(await positionsOf({ type: 'prompt-tuning', numVirtualTokens: 7 })).toBe(all - 7);
  expect(await positionsOf({ type: 'prompt-tuning', initFrom: adapter }, adapter)).toBe(all - 3);
});
