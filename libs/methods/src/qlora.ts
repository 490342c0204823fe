import { TemperError } from '@temper/contracts';
import { loraFormat } from './lora/format.js';
import { lora } from './lora/lora.js';
import type { Method } from './method.js';
import type { LoraSpec, QloraSpec } from './schema/index.js';

const asLora = ({ doubleQuantization: _, ...spec }: QloraSpec): LoraSpec => ({ ...spec, type: 'lora' });

/** QLoRA (Dettmers et al. 2023): LoRA over a base whose linear weights are NF4, as bitsandbytes has it. */
export const qlora: Method<'qlora'> = {
  check(spec, model) {
    refuseDora(spec);
    lora.check(asLora(spec), model);
  },
  begin(spec, context) {
    refuseDora(spec);
    return lora.begin(asLora(spec), context);
  },
  store: ({ doubleQuantization, modulesToSave: keeps = [] }) => ({ kind: 'nf4', doubleQuantization, keeps }),
  still: (spec) => ({ ...spec, dropout: 0 }),
  published: loraFormat,
};

function refuseDora({ useDora }: QloraSpec): void {
  if (!useDora) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.useDora',
    message: 'needs the rows of the weights, which a base in 4 bits does not have',
    found: 'true',
    allowed: 'false, or method.type: lora',
  });
}
