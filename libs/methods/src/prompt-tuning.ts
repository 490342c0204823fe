import { TemperError } from '@temper/contracts';
import { headFacts, normals, positionIds, readWeight, uniforms, type Hooks } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import { modulesToSaveOf } from './adapter/modules-to-save.js';
import type { AdapterFormat, Method, MethodContext } from './method.js';
import { completed } from './schema/method-schema.js';
import { promptTuningSchema, type PromptTuningSpec } from './schema/prompt-tuning.js';
import { TrainedHeads } from './trained-heads.js';

/** PEFT's: without its prefix. */
const NAME = 'prompt_embeddings';

const settingsOf = (spec: PromptTuningSpec) => completed(promptTuningSchema, spec, 'numVirtualTokens');
const initOf = ({ init, initText }: PromptTuningSpec) =>
  init ?? (initText === undefined ? 'vocabulary' : 'text');

const format: AdapterFormat<PromptTuningSpec> = {
  peftType: 'PROMPT_TUNING',
  wrappedOnce: true,

  /** PEFT 0.21's PromptTuningConfig: all but the number follows from the model, or is of how it began. */
  fields: {
    ...commonFields,
    num_virtual_tokens: 'read',
    num_transformer_submodules: { only: [1, null] },
    token_dim: 'free',
    num_attention_heads: 'free',
    num_layers: 'free',
    prompt_tuning_init: 'free',
    prompt_tuning_init_text: 'free',
    prompt_tuning_init_state_dict_path: 'free',
    tokenizer_name_or_path: 'free',
    tokenizer_kwargs: 'free',
    modules_to_save: 'read',
  },

  read: ({ config }) => ({ fixed: { numVirtualTokens: config.num_virtual_tokens as number } }),
  shapes: (spec, { tokens }) => new Map([[NAME, [settingsOf(spec).numVirtualTokens, tokens.size]]]),

  config: (spec, { layers, tokens }, weights) => ({
    num_attention_heads: null,
    num_layers: layers,
    num_transformer_submodules: 1,
    num_virtual_tokens: weights.get(NAME)!.shape[0],
    // The rows themselves are in the file.
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: initOf(spec) === 'text' ? (spec.initText ?? null) : null,
    token_dim: tokens.size,
  }),

  merge: 'its tokens stand in front of each text, which no weight of the base can do',
};

/** Prompt tuning (Lester et al. 2021), as PEFT does it: rows of the table of tokens, in front of each example, that are trained. */
export const promptTuning: Method<'prompt-tuning'> = {
  check(spec, { task }) {
    // PeftModel itself, which has no task, leaves prompts out (peft_model.py).
    if (headFacts[task].peft.taskType === null)
      throw new TemperError('SPEC_INVALID', {
        path: 'method.type',
        message: `puts tokens in front of texts, which PEFT does not do for the task ${task}`,
        found: 'prompt-tuning',
        allowed: 'another method',
      });
    if (initOf(spec) === 'text' && spec.initText === undefined)
      throw new TemperError('SPEC_INVALID', {
        path: 'method.initText',
        message: 'is needed where init is text',
        allowed: 'a text, or init: vocabulary',
      });
    if (spec.initText !== undefined && initOf(spec) !== 'text')
      throw new TemperError('SPEC_INVALID', {
        path: 'method.init',
        message: 'makes nothing of initText',
        found: String(spec.init),
        allowed: 'text, or no initText',
      });
  },

  begin(spec, context) {
    const { numVirtualTokens: virtualTokens } = settingsOf(spec);
    const { tokens, modules } = context.model;
    const heads = new TrainedHeads(modules, context.adapter && modulesToSaveOf(context.adapter.config));
    const hooks: Hooks = {
      trains: heads.trains,
      virtualTokens,
      inputRows(build, module, rows) {
        const { g, inputs } = build;
        if (module.name !== tokens.name) return undefined;
        const shape = [virtualTokens, tokens.size];
        const start = firstRows(spec, context, build.options.seed);
        const table = build.trainable({ name: NAME, shape, kind: 'embedding' }, start);
        const place = positionIds(g, inputs);
        const isVirtual = g.op('Less', [place, g.scalar('int64', virtualTokens)]);
        const row = g.op('Where', [isVirtual, place, g.scalar('int64', 0)]);
        const column = g.op('Unsqueeze', [isVirtual, g.int64s(1)]);
        return g.op('Where', [column, g.op('Gather', [table, row]), rows]);
      },
    };
    return { hooks, heads };
  },

  positions: (spec) => settingsOf(spec).numVirtualTokens,
  store: () => undefined,
  still: (spec) => spec,
  published: format,
};

/** torch.nn.Embedding's own, or rows of the model's table, scaled as the model scales those of a text. */
function firstRows(
  spec: PromptTuningSpec,
  { base, model, adapter, startTokens }: MethodContext,
  seed: number,
) {
  const { numVirtualTokens: count } = settingsOf(spec);
  const { name, rows, size, scale = 1 } = model.tokens;
  // They are the adapter's.
  if (adapter) return new Float32Array(count * size);
  const init = initOf(spec);
  if (init === 'random') return normals(count * size, 1, seed, NAME);
  const ids =
    init === 'text'
      ? Array.from({ length: count }, (_, i) => textTokens(startTokens)[i % textTokens(startTokens).length]!)
      : Array.from(uniforms(count, seed, NAME), (u) => Math.floor(u * rows));
  return readWeight(base, `${name}.weight`, ids).map((value) => value * scale);
}

function textTokens(tokens: readonly number[] | undefined): readonly number[] {
  if (tokens?.length) return tokens;
  throw new TemperError('SPEC_INVALID', { path: 'method.initText', message: 'has no tokens' });
}
