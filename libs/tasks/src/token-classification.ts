import { crossEntropyLoss } from '@temper/graph';
import { loadLabels, loadModel } from './card-usage.js';
import { argmax } from './metrics/classification.js';
import { chunksOf, tagsOf } from './metrics/entities.js';
import { TaggingMetrics, taggingOf } from './metrics/tagging.js';
import { tokenClassification as schema } from './schema/token-classification.js';
import type { TaskDefinition } from './task.js';

const autoClass = 'AutoModelForTokenClassification';

/** One class a word. */
export const tokenClassification: TaskDefinition = {
  ...schema,
  loss: crossEntropyLoss('logits'),
  outputs: ['logits'],
  headSize: (labelNames) => labelNames.length,
  accumulator: (labelNames, chance) => new TaggingMetrics(labelNames, chance),
  rows: {
    dtype: 'i32',
    width: () => 1,
    write: (logits, from, length, into, at) => void (into[at] = argmax(logits, from, length)),
  },
  measure: taggingOf,
  // ±10 points.
  verdict: { learntAgainst: 'chance', precision: { metric: 'f1', widest: 0.2 } },
  prediction: 'tag',
  readWords(text, words, labelNames) {
    const tags = tagsOf(labelNames);
    const best = words.map(({ logits }) => argmax(logits, 0, logits.length));
    const scores = words.map(({ logits }, word) => probability(logits, best[word]!));
    const entities = chunksOf(best.map((tag) => tags[tag]!)).map(({ type, start: first, end: last }) => {
      const [{ start }, { end }] = [words[first]!, words[last]!];
      const score = scores.slice(first, last + 1).reduce((a, b) => a + b, 0) / (last + 1 - first);
      return { label: type, text: text.slice(start, end), start, end, score };
    });
    return { entities };
  },
  card: {
    words: 'token classification',
    tag: 'token-classification',
    autoClass,
    predictFlags: '',
    imports: ['import json', ''],
    usage: (model) => [
      ...loadLabels(model),
      ...loadModel(model, autoClass, 'len(labels)'),
      `text = "${model.prompt}"`,
      `inputs = tokenizer(text, truncation=True, max_length=${model.maxLength}, return_tensors="pt")`,
      'with torch.no_grad():',
      '    tags = model(**inputs).logits[0].argmax(-1).tolist()',
      'words = inputs.word_ids()',
      'for at, word in enumerate(words):',
      '    if word is not None and word not in words[:at]:',
      '        start, end = inputs.word_to_chars(word)',
      '        print(text[start:end], labels[tags[at]])',
    ],
  },
};

/** softmax, of one class */
function probability(row: ArrayLike<number>, of: number): number {
  return 1 / Array.from(row).reduce((sum, logit) => sum + Math.exp(logit - row[of]!), 0);
}
