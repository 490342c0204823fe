import { TemperError, type Problem } from '@temper/contracts';
import { shown } from './formats/messages.js';

/** What wrappers put before the names of all weights, and how the weights are saved without it. */
const prefixes: readonly (readonly [starts: RegExp, hint: string])[] = [
  [/^base_model\.model\./, 'saved with its adapter round it (PEFT): save merge_and_unload() of it'],
  [/^module\./, 'saved from DataParallel or DistributedDataParallel: save its .module'],
  [/^_orig_mod\./, 'saved from torch.compile: save its ._orig_mod'],
  [/^_fsdp_wrapped_module\./, 'saved from FSDP: save its full state dict'],
  [/^\d+\.auto_model\./, 'saved from sentence-transformers: save the model in it'],
  [
    /^(language_model|model\.language_model|text_model)\./,
    'a part of a larger model: save the language model alone',
  ],
];

/** Weights of which none has a name of this family's layers: what they are called, and why that may be. */
export function otherNames(names: readonly string[], path: string): Problem | undefined {
  if (!names.length) return undefined;
  const hint = prefixes.find(([starts]) => names.some((name) => starts.test(name)))?.[1];
  return {
    path,
    message: 'the weights have other names than those of the family that config.json says',
    found: names.slice(0, 3).map(shown).join(', '),
    hint: hint ?? 'is this config.json that of these weights?',
  };
}

/**
 * A layer that has a weight has no parts in any family: what has weights of its own below one is an adapter's.
 * @throws TemperError MODEL_UNSUPPORTED for weights that lie beside those of an adapter
 */
export function refuseUnmerged(path: string, names: ReadonlySet<string>): void {
  for (const name of names) {
    if (!name.includes(PEFT_LAYER) && !isPartOfLayer(name, names)) continue;
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: `${path}: ${shown(name)}`,
      message: 'is of an adapter that is not merged into the weights',
      hint: 'save merge_and_unload() of it (PEFT)',
    });
  }
}

/** What PEFT calls the layer that an adapter is wrapped around. */
const PEFT_LAYER = '.base_layer.';

/** `q_proj.A.default.weight` or `q_proj.A.default` beside `q_proj.weight`; heads of two kinds can be `head.weight` and `head.dense.weight`. */
function isPartOfLayer(name: string, names: ReadonlySet<string>): boolean {
  const parts = name.split('.');
  const last = parts.at(-1)!;
  const nearest = last === 'weight' || last === 'bias' ? 3 : 2;
  return parts.some((part, i) => {
    const isPart = i > 0 && i <= parts.length - nearest && part !== 'weight' && part !== 'bias';
    return isPart && names.has(`${parts.slice(0, i).join('.')}.weight`);
  });
}
