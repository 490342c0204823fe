import { crossEntropyLoss } from '@temper/graph';
import { loadModel } from './card-usage.js';
import { likeliest } from './likeliest.js';
import { LanguageMetrics } from './metrics/language.js';
import { lossOf } from './metrics/measures.js';
import { maskedLm as schema } from './schema/masked-lm.js';
import type { TaskDefinition } from './task.js';

const autoClass = 'AutoModelForMaskedLM';
/** Tokens that are told of each hidden one. */
const TOLD = 5;

/** The tokens of a text that are hidden. */
export const maskedLm: TaskDefinition = {
  ...schema,
  loss: crossEntropyLoss('correct'),
  outputs: ['correct'],
  headSize: () => undefined,
  accumulator: () => new LanguageMetrics(),
  measure: lossOf,
  // Nats: ±10% of perplexity.
  verdict: { learntAgainst: 'base', precision: { metric: 'loss', widest: 0.2 } },
  prediction: 'fill',
  readHidden: (logits) => likeliest(logits, TOLD),
  card: {
    words: 'masked language modelling',
    autoClass,
    tag: 'fill-mask',
    predictFlags: '',
    prompt: 'your text is [MASK].',
    imports: [],
    usage: (model) => [
      ...loadModel(model, autoClass),
      `text = "${model.prompt}".replace("[MASK]", tokenizer.mask_token)`,
      `inputs = tokenizer(text, truncation=True, max_length=${model.maxLength}, return_tensors="pt")`,
      'with torch.no_grad():',
      '    logits = model(**inputs).logits[inputs.input_ids == tokenizer.mask_token_id]',
      `probabilities, ids = logits.softmax(-1).topk(${TOLD})`,
      'for row in range(len(ids)):',
      '    print(list(zip(tokenizer.convert_ids_to_tokens(ids[row].tolist()), probabilities[row].tolist())))',
    ],
  },
};
