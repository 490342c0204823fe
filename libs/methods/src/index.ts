export { checkAdapter } from './init-from.js';
export {
  buildStill,
  storedFor,
  buildTrainable,
  type TrainableForward,
  type TrainableOptions,
} from './build-trainable.js';
export { checkMethod } from './check-method.js';
