export {
  definePipeline,
  defineSweep,
  readyPipeline,
  readySweep,
  type Placed,
  type ReadyOptions,
} from './define.js';
export { missingFiles } from './files.js';
export { isRemote, namedSources, resolvePaths, withSources, type NamedSource } from './paths.js';
