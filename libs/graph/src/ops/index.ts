/** The table of operators. Adding one is its file and its line here; everything else asks the table. */
import type { OpDefinition } from './definition.js';
import { Abs } from './abs.js';
import { Add } from './add.js';
import { And } from './and.js';
import { ArgMax } from './arg-max.js';
import { Cast } from './cast.js';
import { Ceil } from './ceil.js';
import { Clip } from './clip.js';
import { Concat } from './concat.js';
import { ConstantOfShape } from './constant-of-shape.js';
import { Cos } from './cos.js';
import { CumSum } from './cum-sum.js';
import { DequantizeLinear } from './dequantize-linear.js';
import { Div } from './div.js';
import { Elu } from './elu.js';
import { Equal } from './equal.js';
import { Erf } from './erf.js';
import { Exp } from './exp.js';
import { Expand } from './expand.js';
import { FastGelu } from './fast-gelu.js';
import { Floor } from './floor.js';
import { FusedMatMul } from './fused-mat-mul.js';
import { Gather } from './gather.js';
import { GatherElements } from './gather-elements.js';
import { GatherND } from './gather-nd.js';
import { Gelu } from './gelu.js';
import { Gemm } from './gemm.js';
import { Greater } from './greater.js';
import { GreaterOrEqual } from './greater-or-equal.js';
import { Identity } from './identity.js';
import { LayerNormalization } from './layer-normalization.js';
import { LeakyRelu } from './leaky-relu.js';
import { Less } from './less.js';
import { LessOrEqual } from './less-or-equal.js';
import { Log } from './log.js';
import { LogSoftmax } from './log-softmax.js';
import { MatMul } from './mat-mul.js';
import { MatMulBnb4 } from './mat-mul-bnb4.js';
import { Max } from './max.js';
import { Min } from './min.js';
import { Mod } from './mod.js';
import { Mul } from './mul.js';
import { Neg } from './neg.js';
import { Not } from './not.js';
import { OneHot } from './one-hot.js';
import { Or } from './or.js';
import { Pad } from './pad.js';
import { Pow } from './pow.js';
import { QuickGelu } from './quick-gelu.js';
import { Range } from './range.js';
import { Reciprocal } from './reciprocal.js';
import { ReduceL2 } from './reduce-l2.js';
import { ReduceLogSumExp } from './reduce-log-sum-exp.js';
import { ReduceMax } from './reduce-max.js';
import { ReduceMean } from './reduce-mean.js';
import { ReduceMin } from './reduce-min.js';
import { ReduceSum } from './reduce-sum.js';
import { ReduceSumSquare } from './reduce-sum-square.js';
import { Relu } from './relu.js';
import { Reshape } from './reshape.js';
import { RotaryEmbedding } from './rotary-embedding.js';
import { Round } from './round.js';
import { ScatterElements } from './scatter-elements.js';
import { ScatterND } from './scatter-nd.js';
import { Shape } from './shape.js';
import { Sigmoid } from './sigmoid.js';
import { Sign } from './sign.js';
import { SimplifiedLayerNormalization } from './simplified-layer-normalization.js';
import { Sin } from './sin.js';
import { Slice } from './slice.js';
import { Softmax } from './softmax.js';
import { Softplus } from './softplus.js';
import { Split } from './split.js';
import { Sqrt } from './sqrt.js';
import { Squeeze } from './squeeze.js';
import { Sub } from './sub.js';
import { Tanh } from './tanh.js';
import { TopK } from './top-k.js';
import { Transpose } from './transpose.js';
import { Trilu } from './trilu.js';
import { Unsqueeze } from './unsqueeze.js';
import { Where } from './where.js';

export const ops = {
  Abs,
  Add,
  And,
  ArgMax,
  Cast,
  Ceil,
  Clip,
  Concat,
  ConstantOfShape,
  Cos,
  CumSum,
  DequantizeLinear,
  Div,
  Elu,
  Equal,
  Erf,
  Exp,
  Expand,
  FastGelu,
  Floor,
  FusedMatMul,
  Gather,
  GatherElements,
  GatherND,
  Gelu,
  Gemm,
  Greater,
  GreaterOrEqual,
  Identity,
  LayerNormalization,
  LeakyRelu,
  Less,
  LessOrEqual,
  Log,
  LogSoftmax,
  MatMul,
  MatMulBnb4,
  Max,
  Min,
  Mod,
  Mul,
  Neg,
  Not,
  OneHot,
  Or,
  Pad,
  Pow,
  QuickGelu,
  Range,
  Reciprocal,
  ReduceL2,
  ReduceLogSumExp,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceSum,
  ReduceSumSquare,
  Relu,
  Reshape,
  RotaryEmbedding,
  Round,
  ScatterElements,
  ScatterND,
  Shape,
  Sigmoid,
  Sign,
  SimplifiedLayerNormalization,
  Sin,
  Slice,
  Softmax,
  Softplus,
  Split,
  Sqrt,
  Squeeze,
  Sub,
  Tanh,
  TopK,
  Transpose,
  Trilu,
  Unsqueeze,
  Where,
} as const;

export type OpName = keyof typeof ops;
export type OpAttributes<N extends OpName> = (typeof ops)[N] extends OpDefinition<infer A> ? A : never;
