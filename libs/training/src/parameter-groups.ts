import type { ParameterKind, TrainedParameter } from '@temper/optimizers';

// By name until the model says it where it makes the parameter. Undecayed: the Trainer's `get_decay_parameter_names`.
const norm = /layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)/;
const embedding = /embedding|embed_tokens|(?:^|\.)(?:wte|wpe)(?:$|\.)/;
const head = /(?:^|\.)(?:lm_head|classifier|score|cls)(?:$|\.)/;

function kindOf(name: string): ParameterKind {
  const lower = name.toLowerCase();
  if (norm.test(lower)) return 'norm';
  if (lower.includes('bias')) return 'bias';
  // An adapter's matrices on these are kernels.
  if (/lora_[ab]/.test(lower)) return 'kernel';
  return embedding.test(lower) ? 'embedding' : head.test(lower) ? 'head' : 'kernel';
}

/** What optimizers read of each parameter: biases and the weights of normalisations are not decayed. */
export function groupParameters(
  parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
): TrainedParameter[] {
  return parameters.map(({ name, shape }) => {
    const kind = kindOf(name);
    return { name, shape, kind, decayed: kind !== 'norm' && kind !== 'bias', lrScale: 1 };
  });
}
