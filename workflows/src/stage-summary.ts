import type { StageName } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { sourceInWords, sourcesInWords } from '@temper/contracts/shown-source';

/** One line a stage in the Temporal UI, written before the stage has run. */
const summaries: { readonly [S in StageName]: (spec: PipelineSpec) => string } = {
  ingest: (spec) => `${sourcesInWords(spec.dataset.train)}; ${sourceInWords(spec.model.base)}`,
  preprocess: (spec) => `up to ${spec.tokenize.maxLength} tokens, for ${spec.task}`,
  train: ({ method, training }) =>
    `${method.type}, ${training.maxSteps ? `${training.maxSteps} steps` : `${training.epochs} epochs`} of batches of ${training.trainBatchSize}`,
  evaluate: () => 'base model against fine-tuned model, test split',
  publish: (spec) => `${spec.publish.model}@${spec.publish.alias}`,
};

export const stageSummary = (name: StageName, spec: PipelineSpec): string => summaries[name](spec);
