export { epochPlan, evaluationPlan, type EpochPlanOptions } from './batching/epoch-plan.js';
export { examplesOf, longestOf } from './batching/examples.js';
export { countedIn } from './batching/label-kinds.js';
export { maskedForEpoch, maskedHeldOut } from './batching/mask-tokens.js';
export { makeBatch, makePackedBatch } from './batching/make-batch.js';
export { promptedExamples, type PromptedExample } from './batching/prompts.js';
export { packRows } from './batching/pack.js';
export { readTokens, writeTokens, type TokenizedSplits } from './batching/token-files.js';
export { columnsInWords } from './formats/suggest.js';
export { readExamples, type ReadOptions } from './formats/read-examples.js';
export { inspectClasses } from './labels/inspect-classes.js';
export { type LabelCounts } from './labels/class-warnings.js';
export { labelsOfModel } from './labels/order.js';
export { headToStartFrom, planWholeHead, type BaseHead } from './labels/plan-head.js';
export { decideColumns, type Decided } from './stages/decide-columns.js';
export { inspectDataset, type DatasetSummary } from './stages/inspect.js';
export {
  ingestDataset,
  type IngestOptions,
  type IngestResult,
  type FilesOfSource,
  type SourceFiles,
  type StageProgress,
} from './stages/ingest.js';
export { preprocessDataset, type PreprocessOptions, type PreprocessResult } from './stages/preprocess.js';
export type { EncodeOptions } from './tokenizer/local-tokenizer.js';
export { answerEnds } from './tokenizer/answer-ends.js';
export { tokenizerTraits } from './tokenizer/traits.js';
export { missingTokenizerJson, tokenizerJson } from './tokenizer/tokenizer-json.js';
export { tryTokens } from './stages/try-tokens.js';
export { cutPair, type EncodedPair, type TextPair } from './tokenizer/encode-pairs.js';
export type { ModelSizes } from './tokens/model-limits.js';
export { loadTokenizer, type Tokenizer } from './tokenizer/tokenizer.js';
