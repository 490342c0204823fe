export { npmFetch, type NpmFetchOptions } from './fetch/npm.js';
export { pipFetch, type PipFetchOptions } from './fetch/pip.js';
export { pinnedNpm, pinnedPython, type NpmPin, type PythonPin } from './pins.js';
export { adapterFiles } from './choose-files.js';
export { locateAdapter } from './kinds/adapter.js';
export { isLocalSource, locateSource, resolveSource } from './resolve-source.js';
export { isOwnFile, nameOfSource, storeSource, type StoredSource } from './store-source.js';
export { modelPath, nameIn, type FoundFiles, type ResolvedSource, type ResolveOptions } from './source.js';
