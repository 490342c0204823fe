import { lora } from './lora.js';
import type { Method } from './method.js';
import type { LoraSpec, QloraSpec } from './schema/index.js';

const asLora = ({ doubleQuantization: _, ...spec }: QloraSpec): LoraSpec => ({ ...spec, type: 'lora' });

/** QLoRA (Dettmers et al. 2023): LoRA over a base whose linear weights are NF4, as bitsandbytes has it. */
export const qlora: Method<'qlora'> = {
  check: (spec, model) => lora.check(asLora(spec), model),
  begin: (spec, context) => lora.begin(asLora(spec), context),
  store: ({ doubleQuantization }) => ({ kind: 'nf4', doubleQuantization }),
  still: (spec) => ({ ...spec, dropout: 0 }),
};
