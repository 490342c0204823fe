export { optimizers, optimizerNames, optimizerOf, settingsOf, type OptimizerName } from './table.js';
export {
  scheduleNames,
  scheduleOf,
  schedules,
  scheduleSettingsOf,
  type ScheduleName,
} from './schedules/table.js';
export type {
  Evaluated,
  Schedule,
  ScheduleFields,
  ScheduleSettings,
  ScheduleState,
  ScheduleStep,
} from './schedules/schedule.js';
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
export { BlockwiseCode } from '@temper/graph/quantization/blockwise-code';
