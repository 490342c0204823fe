import type { HeadKind, Problem } from '@temper/contracts';
import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import type { Module } from '../build/module.js';
import type { GgufArchitecture } from '../formats/gguf/architecture.js';
import type { Fields } from './fields.js';

/** config.json of a Hugging Face model. */
export type HfConfig = Readonly<Record<string, unknown>> & { readonly model_type: string };

export type { HeadKind };

/** What the graph is built for. */
export interface Head {
  readonly task: HeadKind;
  /** Classes of a classification head. */
  readonly labels: number;
}

/** What turns the body's rows into logits, for one kind of head. */
export interface FamilyHead<C> {
  modules(settings: C, labels: number): readonly Module[];
  /** `x` is what the body returns. */
  forward(build: Build, settings: C, x: Value): Value;
}

/** Which linear modules an adapter changes by default: ends of their names, as in PEFT (constants.py of peft.utils). */
export interface DefaultTargets {
  /** Those that an update is added to (LoRA). */
  readonly updated: readonly string[];
  /** Those whose product is scaled (IA³), and of these those whose input is instead. */
  readonly scaled: readonly string[];
  readonly feedforward: readonly string[];
}

/** One family of models: everything Temper knows about it. `C` is what its config.json says. */
export interface Family<C = unknown> {
  /**
   * By the `model_type`s of config.json that have this architecture: transformers' class for each kind of head that it can have.
   */
  readonly classes: Readonly<Record<string, Readonly<Partial<Record<HeadKind, string>>>>>;
  /** What is made of each field of config.json, by `model_type`. */
  readonly fields: Readonly<Record<string, Fields>>;
  /** The settings, or everything in them that cannot be done. */
  settings(config: HfConfig): { readonly settings: C } | { readonly problems: readonly Problem[] };
  /** The name in transformers' task model of a tensor of a checkpoint; undefined for buffers that are no weights. */
  canonicalName(name: string, settings: C): string | undefined;
  /** The body's modules, in the order of transformers' parameters. */
  modules(settings: C): readonly Module[];
  readonly heads: { readonly [K in HeadKind]?: FamilyHead<C> };
  /** Of a weight's name, with the number of the layer as its group; and how many layers the settings say. */
  readonly layerOf: RegExp;
  layers(settings: C): number;
  /** Elements of the rows that go from layer to layer; those of the tables of tokens can be narrower. */
  width(settings: C): number;
  /** Heads of keys and values of a layer, times their size; undefined where attention looks both ways: nothing is put in front of it. */
  keyWidth(settings: C): number | undefined;
  /** What the names of the weights of the body begin with, as against those of other tasks' heads. */
  readonly body: string;
  /** Weights that are one where `tie_word_embeddings` says so; `bias` are the two names that the head's bias then has. */
  readonly tied?: {
    readonly table: string;
    readonly head: string;
    readonly bias?: { readonly own: string; readonly decoder: string };
  };
  readonly defaultTargets: DefaultTargets;
  /** Longest sequence that the positions allow. */
  maxPositions(settings: C): number;
  /** Rows of the table of tokens. */
  vocabulary(settings: C): number;
  /** By GGUF's `general.architecture`: how such a file says the same. */
  readonly gguf?: Readonly<Record<string, GgufArchitecture>>;
  /** Returns the rows that the head goes on from: [tokens, width]; [B, width], each first token's, where the family's head says so. */
  forward(build: Build, settings: C, head: HeadKind): Value;
}

/** The modules of each head that the family has, whatever the number of classes. */
export const headsOf = <C>(family: Family<C>, settings: C): (readonly Module[])[] =>
  Object.values(family.heads).map((head) => head.modules(settings, 1));

/** All modules of a model with that head. */
export const modulesOf = <C>(family: Family<C>, settings: C, { task, labels }: Head): readonly Module[] => [
  ...family.modules(settings),
  ...(family.heads[task]?.modules(settings, labels) ?? []).map((module) => ({
    ...module,
    inHead: true as const,
  })),
];
