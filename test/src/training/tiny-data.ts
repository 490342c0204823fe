import { readRows, type TokenRow } from '../parity/golden.js';
import { goldenSource } from '../parity/source-folder.js';
import type { TinySettings } from './tiny-run.js';

const cut = (rows: readonly TokenRow[], train: number, validation: number) => ({
  train: rows.slice(0, train),
  validation: rows.slice(train, train + validation),
  test: rows.slice(train + validation),
});

/** A random two-layer Llama on random tokens, LoRA with dropout: everything that a resumed run must repeat. */
export function tinyLanguageModel(training: TinySettings['training'] = {}): TinySettings {
  return {
    modelFolder: goldenSource('tiny-llama'),
    splits: cut(readRows('tiny-llama.jsonl'), 14, 3),
    task: 'causal-lm',
    method: { type: 'lora', r: 4, dropout: 0.1 },
    training: { learningRate: 1e-2, trainBatchSize: 2, evalBatchSize: 2, ...training },
  };
}

/** A random two-layer BERT, fully fine-tuned. */
export function tinyClassifier(training: TinySettings['training'] = {}): TinySettings {
  return {
    modelFolder: goldenSource('tiny-bert'),
    splits: cut(readRows('tiny-bert.jsonl'), 14, 3),
    task: 'sequence-classification',
    method: { type: 'full' },
    training: { learningRate: 1e-3, trainBatchSize: 2, evalBatchSize: 2, ...training },
  };
}

/** The same BERT on all tokens of its rows, any of which may be hidden, with a new head. */
export function tinyMaskedModel(training: TinySettings['training'] = {}): TinySettings {
  const rows = readRows('tiny-bert.jsonl').map(({ input_ids: ids }) => ({ input_ids: ids, labels: ids }));
  return {
    modelFolder: goldenSource('tiny-bert'),
    splits: cut(rows, 14, 3),
    task: 'masked-lm',
    masking: { maskTokenId: 1, vocabulary: 97, specialTokenIds: [0, 1] },
    method: { type: 'full' },
    training: { learningRate: 1e-3, trainBatchSize: 2, evalBatchSize: 2, ...training },
  };
}
