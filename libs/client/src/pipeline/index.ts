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
export { isHere, storeSources, type StoredSource } from './store-sources.js';
