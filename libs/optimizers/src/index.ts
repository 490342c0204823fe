export { optimizers, optimizerNames, optimizerOf, settingsOf, type OptimizerName } from './table.js';
export { compileUpdate, slotShape, type CompiledUpdate } from './compile.js';
export type {
  Fields,
  Optimizer,
  ParameterKind,
  SettingsOf,
  Slot,
  TrainedParameter,
  UpdateInputs,
  UpdateRule,
} from './optimizer.js';
export { BlockwiseCode } from './state/blockwise-code.js';
