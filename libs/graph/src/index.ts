export type {
  DataType,
  Dim,
  Shape,
  Value,
  TypedArray,
  InitializerData,
  Initializer,
  Node,
  Graph,
} from './onnx/types.js';
export { GraphBuilder } from './onnx/builder.js';
export { withValues } from './onnx/with-values.js';
export { copyInto, type CopyOptions } from './onnx/copy.js';
export { encodeModel } from './onnx/encode.js';
export { decodeModel } from './onnx/decode.js';
export { verify } from './onnx/verify.js';
export { ops, type OpAttributes, type OpName } from './ops/index.js';
export { compileEvaluation, compileGradients, lossInputs, type CompileInput } from './compile.js';
export { binaryCrossEntropyLoss } from './losses/binary-cross-entropy.js';
export { crossEntropyLoss } from './losses/cross-entropy.js';
export { focalLoss } from './losses/focal.js';
export { weightedBinaryCrossEntropyLoss } from './losses/weighted-binary-cross-entropy.js';
export { weightedCrossEntropyLoss } from './losses/weighted-cross-entropy.js';
export { cosineSimilarityLoss } from './losses/cosine-similarity.js';
export { multipleNegativesRankingLoss } from './losses/multiple-negatives-ranking.js';
export { orpoLoss } from './losses/orpo.js';
export { dpoLoss, ipoLoss } from './losses/preference.js';
export { meanSquaredErrorLoss } from './losses/mean-squared-error.js';
export { spanLoss } from './losses/span.js';
export type {
  KnownEvaluation,
  Loss,
  LossEvaluation,
  LossGradient,
  LossInput,
  LossValues,
  TrainedLoss,
} from './losses/loss.js';
export { optimize as optimizeGraph } from './passes/index.js';
export { splitRowGradients, type RowGradient } from './passes/row-gradients.js';
export { halfToNumber, numberToBfloat16, numberToHalf } from './onnx/half.js';
export { printGraph } from './onnx/print.js';
export { evaluateGraph, type EvaluateOptions, type Feed } from './reference/evaluate.js';
export type { Tensor } from './reference/tensor.js';
export { compileKernel, type ElementwiseKernel } from './kernel/elementwise-kernel.js';
