import { cosineSimilarityLoss, multipleNegativesRankingLoss } from '@temper/graph';
import { lossOfRows } from './metrics/measures.js';
import { RegressionMetrics, regressionOf } from './metrics/regression.js';
import { RetrievalMetrics } from './metrics/retrieval.js';
import { regression } from './regression.js';
import { embedding as schema, embeddingSimilarity as similaritySchema } from './schema/embedding.js';
import type { TaskDefinition } from './task.js';

const autoClass = 'AutoModel';

/** A vector a text, near those of the texts that belong to it. */
export const embedding: TaskDefinition = {
  ...schema,
  loss: multipleNegativesRankingLoss,
  outputs: ['anchors', 'positives'],
  headSize: () => undefined,
  accumulator: () => new RetrievalMetrics(),
  measure: lossOfRows,
  verdict: { learntAgainst: 'base', precision: { metric: 'loss', widest: 0.4 } },
  prediction: 'embed',
  read: (logits) => ({ embedding: Array.from(logits) }),
  card: {
    words: 'text embeddings',
    autoClass,
    tag: 'sentence-similarity',
    predictFlags: '',
    imports: [],
    usage: ({ folder, base, maxLength, prompt }) => [
      ...(base
        ? [
            `base = ${autoClass}.from_pretrained("${base}")`,
            `model = PeftModel.from_pretrained(base, "${folder}").eval()`,
          ]
        : [`model = ${autoClass}.from_pretrained("${folder}").eval()`]),
      `inputs = tokenizer("${prompt}", truncation=True, max_length=${maxLength}, return_tensors="pt")`,
      'with torch.no_grad():',
      '    rows = model(**inputs).last_hidden_state[0]',
      '# The mean over all tokens: of padded batches weigh by the attention mask.',
      'print(rows.mean(0))',
    ],
  },
};

/** The same learnt of two texts and how alike they are. */
export const embeddingSimilarity: TaskDefinition = {
  ...embedding,
  ...similaritySchema,
  loss: cosineSimilarityLoss,
  outputs: ['cosines'],
  accumulator: () => new RegressionMetrics('cosines'),
  rows: { ...regression.rows!, output: 'cosines' },
  measure: regressionOf,
  verdict: { learntAgainst: 'chance', precision: { metric: 'pearson', widest: 0.4 } },
};
