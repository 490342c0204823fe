import { adamwRule, adamwRuleWith } from './adamw.js';
import { adamFields, weightDecay } from './fields.js';
import { defineOptimizer } from './optimizer.js';
import { BlockwiseCode } from '@temper/graph/quantization/blockwise-code';

/** bitsandbytes' min_8bit_size: smaller parameters keep float32 moments. */
const SMALLEST = 4096;

/** bitsandbytes' AdamW8bit (Dettmers et al., 8-bit Optimizers via Block-wise Quantization). */
const coded = adamwRuleWith('adamw-8bit', {
  exp_avg: { per: 'element', code: new BlockwiseCode({ signed: true }) },
  exp_avg_sq: { per: 'element', code: new BlockwiseCode({ signed: false }) },
});

export const adamw8bit = defineOptimizer({
  summary: "bitsandbytes' AdamW8bit: AdamW with both moments in 8 bits",
  alsoCalled: ['adamw_bnb_8bit', 'adamw_8bit', 'adamw8bit', 'adamw_torch_8bit', 'paged_adamw_8bit'],
  fields: { ...adamFields, ...weightDecay(0.01) },
  learningRateFactor: 1,
  rule: ({ shape }) => (shape.reduce((n, d) => n * d, 1) < SMALLEST ? adamwRule : coded),
});
