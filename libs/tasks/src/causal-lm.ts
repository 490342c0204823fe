import { crossEntropyLoss } from '@temper/graph';
import { loadModel } from './card-usage.js';
import { LanguageMetrics } from './metrics/language.js';
import { lossOf } from './metrics/measures.js';
import { textMeasure } from './metrics/text/text-measure.js';
import { causalLm as schema } from './schema/causal-lm.js';
import type { TaskDefinition, WritingTask } from './task.js';

const autoClass = 'AutoModelForCausalLM';
/** Of an answer: enough to see that it works, soon. */
const TOKENS = 24;

/** The next token of a text, of an answer, of a conversation. */
export const causalLm: TaskDefinition & WritingTask = {
  ...schema,
  loss: crossEntropyLoss('correct'),
  outputs: ['correct'],
  headSize: () => undefined,
  accumulator: () => new LanguageMetrics(),
  measure: lossOf,
  measureTexts: textMeasure,
  // Nats: ±10% of perplexity.
  verdict: { learntAgainst: 'base', precision: { metric: 'loss', widest: 0.2 } },
  prediction: 'generate',
  card: {
    words: 'text generation',
    autoClass,
    tag: 'text-generation',
    predictFlags: ` --max-tokens ${TOKENS}`,
    imports: [],
    usage: (model) => [
      ...loadModel(model, autoClass),
      ...(model.chat
        ? [
            `messages = [{"role": "user", "content": "${model.prompt}"}]`,
            'inputs = tokenizer.apply_chat_template(',
            '    messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"',
            ')',
          ]
        : [`inputs = tokenizer("${model.prompt}", return_tensors="pt")`]),
      'with torch.no_grad():',
      `    output = model.generate(**inputs, max_new_tokens=${TOKENS}, do_sample=False)`,
      'print(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))',
    ],
  },
};
