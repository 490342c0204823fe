export { headOfAdapter, type AdapterHead } from './adapter-head.js';
export { supportedFamilies } from './architectures/registry.js';
export type { HfConfig } from './architectures/family.js';
export { masked, type RandomInput } from './dropout.js';
export { checkModel, type ModelSummary } from './check.js';
export type { ElementType, TensorData } from './formats/dtypes.js';
export {
  readSafetensorsHeader,
  type SafetensorsHeader,
  type TensorLocation,
} from './formats/safetensors-header.js';
export {
  parseSafetensors,
  readSafetensors,
  readTensor,
  writeSafetensors,
  type Tensor,
  type TensorSource,
} from './formats/safetensors.js';
export { positionIds } from './build/inputs.js';
export { activations, type ActivationName } from './build/activations.js';
export type { Build, Trainable } from './build/build.js';
export type { Hooks, LinearParts, PrefixRows, ResidualPlace } from './build/hooks.js';
export {
  isTrainedWhole,
  parametersOf,
  type EmbeddingModule,
  type LinearModule,
  type Module,
  type Parameter,
  type ParameterKind,
} from './build/module.js';
export { buildForward, labelsOf, type Forward, type ForwardOptions } from './forward.js';
export { adaptable, type Adaptable } from './adaptable.js';
export type { DefaultTargets } from './architectures/family.js';
export { classesOfHead, headsInFiles } from './head.js';
export { headFacts } from './head-kinds.js';
export { readWeight } from './read-weight.js';
export { locateModel, type ModelPlace } from './locate.js';
export { modelSizes, openModel, type BaseModel, type Weight } from './model.js';
export { keptValues, withStore } from './stores/table.js';
export type { StoreSpec } from './stores/form.js';
export { headsBeside, possibleHeads } from './possible-heads.js';
export { writeHeaderFile } from './header-file.js';
export { makingOfHeaders, NotInHeaders, type Making } from './making.js';
export { linkWeights, prepareModel, weightFiles } from './prepare.js';
export { normals, symmetricUniforms, uniforms } from './random.js';
export { firstOf } from './formats/messages.js';
export { pointerProblem } from './formats/model-file.js';
export { tokenizerFolder } from './tokenizer-folder.js';
export { toFloat32 } from './formats/floats.js';
export { elementCount, shownShape } from './formats/dtypes.js';
export {
  copyTokenizer,
  writeJson,
  writeModel,
  type ExportedWeight,
  type TrainedWeights,
} from './export/write-model.js';
