import { spanLoss } from '@temper/graph';
import { loadModel } from './card-usage.js';
import { bestSpan, decidedSpans, SpanMetrics, spansMeasure, spanText } from './metrics/spans.js';
import { questionAnswering as schema } from './schema/question-answering.js';
import type { TaskDefinition } from './task.js';

const autoClass = 'AutoModelForQuestionAnswering';

/** The stretch of a text that answers a question about it. */
export const questionAnswering: TaskDefinition = {
  ...schema,
  loss: spanLoss,
  outputs: ['logits'],
  headSize: () => schema.sizedHead,
  accumulator: () => new SpanMetrics(),
  decide: decidedSpans,
  rows: {
    dtype: 'i32',
    output: 'spans',
    width: () => 2,
    write: (spans, from, length, into, at) => {
      for (let k = 0; k < length; k++) into[at + k] = spans[from + k]!;
    },
  },
  measure: spansMeasure,
  // ±10 points.
  verdict: { learntAgainst: 'chance', precision: { metric: 'f1', widest: 0.2 } },
  prediction: 'find',
  readSpan(logits, passage) {
    const [from, to] = bestSpan(logits, passage);
    const score = probability(logits, from, 0) * probability(logits, to, 1);
    const answer = spanText(passage, [from, to]);
    const { first, starts, ends } = passage;
    return answer
      ? { answer, score, start: starts[from - first]!, end: ends[to - first]! }
      : { answer, score };
  },
  card: {
    words: 'question answering',
    tag: 'question-answering',
    autoClass,
    prompt: 'Where did she live?',
    predictFlags: ' --context "She lived in Paris."',
    imports: [],
    usage: (model) => [
      ...loadModel(model, autoClass),
      `question, context = "${model.prompt}", "She lived in Paris."`,
      'inputs = tokenizer(',
      `    question, context, truncation="only_second", max_length=${model.maxLength}, return_tensors="pt"`,
      ')',
      'with torch.no_grad():',
      '    outputs = model(**inputs)',
      '# Both 0: there is no answer in it.',
      'start, end = int(outputs.start_logits.argmax()), int(outputs.end_logits.argmax())',
      'print(tokenizer.decode(inputs.input_ids[0, start : end + 1]) if start else "no answer")',
    ],
  },
};

/** softmax over the tokens, of one column of [tokens, 2] */
function probability(logits: ArrayLike<number>, token: number, side: 0 | 1): number {
  let sum = 0;
  for (let i = side; i < logits.length; i += 2) sum += Math.exp(logits[i]! - logits[2 * token + side]!);
  return 1 / sum;
}
