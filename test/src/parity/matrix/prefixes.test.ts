/** What PEFT makes of an exported prefix' configuration fits the rows in its file, for every family. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportTrained } from '@temper/methods';
import { openModel, type Tensor } from '@temper/models';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { specifiedValues, writeBase } from './cell-model.js';
import { cellIds, readCell } from './golden.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-prefixes-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Config = Readonly<Record<string, unknown>>;
const first = (config: Config, ...names: string[]) =>
  names.map((name) => config[name]).find((value) => value !== undefined && value !== null) as number;

/** Columns of PEFT 0.21's PrefixEncoder (peft.utils.other, _prepare_prompt_learning_config). */
function columnsInPeft(adapter: Config, model: Config): number {
  const layers = adapter.num_layers as number;
  const width = first(adapter, 'token_dim') ?? first(model, 'hidden_size', 'n_embd', 'd_model');
  const heads = first(adapter, 'num_attention_heads') ?? first(model, 'num_attention_heads', 'n_head');
  if (!('num_key_value_heads' in model)) return layers * 2 * width;
  const size = first(model, 'head_dim') ?? Math.floor(width / heads);
  return layers * 2 * size * (model.num_key_value_heads as number);
}

it.each(cellIds().filter((id) => id.includes('/prefix-tuning/')))('%s', async (id) => {
  const cell = readCell(id);
  const place = join(folder, id.replaceAll('/', '--'));
  await writeBase(join(place, 'base'), cell);
  const { method } = parsePipelineSpec({
    ...{ name: 'prefix', model: { base: place }, dataset: { train: 'a' } },
    method: cell.spec.method as PipelineSpecInput['method'],
  });
  const [tensor] = cell.adapter!.tensors;
  const rows: Tensor = { dtype: 'F32', shape: tensor![1], data: specifiedValues(tensor!) };
  await exportTrained(place, {
    ...{ model: await openModel(join(place, 'base')), task: 'causal-lm', labelNames: [], method },
    weights: new Map([[tensor![0], rows]]),
  });
  const written = JSON.parse(await readFile(join(place, 'adapter_config.json'), 'utf8')) as Config;
  expect([written.num_virtual_tokens, columnsInPeft(written, cell.config)]).toEqual(tensor![1]);
});
