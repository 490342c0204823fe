export { checkAdapter } from './adapter/check-adapter.js';
export { adapterIn, settledBy } from './adapter/settle.js';
export type { Adapter } from './adapter/read-adapter.js';
export {
  buildStill,
  positionsTaken,
  storedFor,
  buildTrainable,
  type TrainableForward,
  type TrainableOptions,
} from './build-trainable.js';
export { takesConstants } from './table.js';
export { checkMethod } from './check-method.js';
export {
  exportMerged,
  exportTrained,
  isPeftAdapter,
  mergeRefusal,
  publishedFormat,
  type ExportOptions,
} from './export/export.js';
