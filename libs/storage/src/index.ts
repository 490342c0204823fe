export { adapterFolder, publishedAdapter, type StartingAdapter } from './adapter-folder.js';
export { ArtifactStore, type ArtifactSource, type ArtifactStoreOptions } from './artifact-store.js';
export { checkStore, type StoreCheck } from './backup/check.js';
export { copyStore } from './backup/copy.js';
export { markUsed } from './entry-pruning.js';
export {
  collectGarbage,
  retentionOfStore,
  retentionPointer,
  type CollectOptions,
  type CollectReport,
  type Verdict,
} from './gc/collect.js';
export {
  deleteDataset,
  deleteModel,
  deleteRunFiles,
  deleteVersion,
  type DeletedDataset,
} from './gc/delete.js';
export { modelsOfDataset, type MadeFrom } from './gc/made-from.js';
export { heldBy } from './gc/holds.js';
export { removeOldUploads } from './gc/abandoned-uploads.js';
export { referencesIn, type Part } from './gc/references.js';
export { release } from './gc/release.js';
export { secureArtifact } from './gc/secure.js';
export { summaryOf } from './gc/summary.js';
export type { RunState } from '@temper/contracts';
export { takenBy, takenWords, type Taken } from './gc/taken.js';
export { canonicalJson, digestOfBytes, digestOf, digestOfFile } from './digest.js';
export {
  blobKey,
  manifestKey,
  aliasKey,
  checkpointKey,
  leavingKey,
  storedKey,
  uriOf,
  parseUri,
} from './keys.js';
export { lineageOf, type LineageNode, type Lineage, type Manifests } from './lineage.js';
export { pruneLocalCaches, type RemovedEntry } from './local-caches.js';
export { MemoryStore } from './memory-store.js';
export type {
  ObjectInfo,
  StoredObject,
  ObjectStream,
  OpenUpload,
  ObjectBody,
  PutCondition,
  ReadOptions,
  ObjectStore,
} from './object-store.js';
export { Pointer, type Pointed } from './pointer.js';
export { moveWords, type AliasMove, type AliasTarget, type Moving } from './promotion/alias.js';
export { type Protection } from './promotion/protection.js';
export { Registry, type ModelVersionDraft } from './registry.js';
export { createKeys, readSigner, type Signer } from './signing/keys.js';
export { checkSigning, signerOf, signingFrom, type SigningSettings } from './signing/settings.js';
export { type Signatures, type SignatureState, type VerifiedSignature } from './signing/signatures.js';
export { SIGNATURE_FILE } from './signing/statement.js';
export { RunStore, type LoggedLine } from './run-store.js';
export { parseSealed, sealedJson } from './seal.js';
export { stageKey, StageCache } from './stage-cache.js';
export { storedDigest } from './stored-digest.js';
export { probeConditionalWrites } from './probe-conditional-writes.js';
export { putConditional, isConflict } from './write.js';
