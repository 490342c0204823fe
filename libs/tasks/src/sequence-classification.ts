import { crossEntropyLoss } from '@temper/graph';
import { argmax, ClassificationMetrics } from './metrics/classification.js';
import { classificationOf } from './metrics/measures.js';
import { sequenceClassification as schema } from './schema/sequence-classification.js';
import type { TaskDefinition } from './task.js';

const autoClass = 'AutoModelForSequenceClassification';

/** One class a text. */
export const sequenceClassification: TaskDefinition = {
  ...schema,
  loss: crossEntropyLoss('logits'),
  outputs: ['logits'],
  headSize: (labelNames) => labelNames.length,
  accumulator: (labelNames) => new ClassificationMetrics(labelNames),
  rows: {
    dtype: 'i32',
    width: () => 1,
    write: (logits, from, length, into, at) => void (into[at] = argmax(logits, from, length)),
  },
  measure: classificationOf,
  // ±10 points of accuracy.
  verdict: { learntAgainst: 'chance', precision: { metric: 'accuracy', widest: 0.2 } },
  answers: 'label',
  card: {
    words: 'text classification',
    autoClass,
    predictFlags: '',
    imports: ['import json', ''],
    // The labels are those of temper.json: however many, whatever is in them.
    usage: ({ folder, base, maxLength, prompt }) => [
      `with open("${folder}/temper.json", encoding="utf-8") as file:`,
      '    labels = json.load(file)["labelNames"]',
      ...(base
        ? [
            '# The head comes with the adapter: whatever head the base model has gives way to one of as many labels.',
            `base = ${autoClass}.from_pretrained(`,
            `    "${base}", num_labels=len(labels), ignore_mismatched_sizes=True`,
            ')',
            `model = PeftModel.from_pretrained(base, "${folder}").eval()`,
          ]
        : [`model = ${autoClass}.from_pretrained("${folder}").eval()`]),
      `inputs = tokenizer("${prompt}", truncation=True, max_length=${maxLength}, return_tensors="pt")`,
      'with torch.no_grad():',
      '    probabilities = model(**inputs).logits[0].softmax(-1)',
      'print(labels[int(probabilities.argmax())], float(probabilities.max()))',
    ],
  },
};
