/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

export type ArtifactKind =
  | 'source'
  | 'base-model'
  | 'adapter'
  | 'dataset'
  | 'tokens'
  | 'checkpoint'
  | 'graphs'
  | 'evaluation'
  | 'model'
  | 'report';

/**
 * What activities exchange: a reference to a manifest in the object store, never the content.
 * `digest` is the SHA-256 of the manifest's canonical JSON, so equal content has an equal digest.
 */
export interface ArtifactRef<K extends ArtifactKind = ArtifactKind> {
  readonly kind: K;
  readonly digest: Digest;
  /** `s3://BUCKET/manifests/sha256/ab/abcd….json` */
  readonly uri: string;
}

/** One file of an artifact; its content is the blob `blobs/sha256/ab/abcd…`. */
export interface ArtifactFile {
  /** Relative path with `/`, e.g. `model.safetensors`. */
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** What is stored: JSON, versioned. `meta` is the noun's own description; it must not hold times or run ids. */
export interface ArtifactManifest<K extends ArtifactKind = ArtifactKind, M = ArtifactMeta[K]> {
  readonly version: 1;
  readonly kind: K;
  readonly files: readonly ArtifactFile[];
  readonly meta: M;
}

export interface ArtifactMeta {
  /** The files of a source as they lay on a client's machine: equal ones are one artifact, whatever they are called. */
  source: Readonly<Record<string, never>>;
  'base-model': import('./model.js').BaseModelMeta;
  /**
   * To start from: `adapter_config.json` + `adapter_model.safetensors`, and `temper.json` where it lies beside them (it names
   * classes). Nothing says where it came from: equal adapters are one artifact.
   */
  adapter: { readonly format: 'peft' };
  dataset: import('./dataset.js').DatasetMeta;
  tokens: import('./tokens.js').TokensMeta;
  checkpoint: import('./checkpoint.js').CheckpointMeta;
  /** The compiled graphs of a job (`grad.onnx`, `apply-NAME.onnx`, `evaluate.onnx`, `base.onnx`, `reference.onnx`), and what ran them. */
  graphs: { readonly engine: import('./engine.js').EngineIdentity };
  evaluation: import('./evaluation.js').EvaluationMeta;
  model: import('./model.js').ModelMeta;
  report: Readonly<Record<string, unknown>>;
}
