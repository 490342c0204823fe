import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Precision } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import type { GoldenStep, TokenRow } from '../golden.js';
import { sourceFolder } from '../source-folder.js';

/** A tensor of the generator: elements within center ± bound, that its name decides on. */
export type SpecifiedTensor = readonly [
  name: string,
  shape: readonly number[],
  center: number,
  bound: number,
];

/** What 20 steps of PyTorch changed of one tensor. */
export interface GoldenWeight {
  readonly shape: readonly number[];
  /** Of the change. */
  readonly norm: number;
  /** Distance of PyTorch's fp32 change from its fp64 one, as a share of the norm. */
  readonly noise: number;
  /** Elements from … to whose gradient is a rounding error: key biases. */
  readonly leftOut?: readonly (readonly [from: number, to: number])[];
  /** The change itself, of a small tensor. */
  readonly change?: readonly number[];
  /** Of the change on the directions of `directionsOf`. */
  readonly projections?: readonly number[];
}

/** One cell, as make.py writes it. */
export interface Cell {
  readonly family: string;
  readonly method: string;
  readonly task: PipelineSpecInput['task'] & string;
  readonly spec: {
    readonly method: Readonly<Record<string, unknown>> & { readonly type: string };
    readonly model?: { readonly precision: Precision };
    readonly training: NonNullable<PipelineSpecInput['training']>;
  };
  readonly config: Readonly<Record<string, unknown>>;
  readonly base: readonly SpecifiedTensor[];
  readonly adapter?: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly tensors: readonly SpecifiedTensor[];
  };
  /** What the names of weights lack here, where transformers' model is the bare body. */
  readonly body?: string;
  /** Modules whose weights are NF4. */
  readonly quantized?: readonly string[];
  readonly rows: readonly TokenRow[];
  /** The largest relative difference of PyTorch's fp32 losses from its fp64 ones. */
  readonly noise: number;
  readonly steps: readonly GoldenStep[];
  readonly weights: Readonly<Record<string, GoldenWeight>>;
}

const goldens = join(sourceFolder, 'parity', 'matrix', 'goldens');

export const goldenFile = (...parts: string[]): string => join(goldens, ...parts);

/** `family/method/task` of every golden, in order; those in `planned/` are not among them. */
export const cellIds = (): string[] =>
  readdirSync(goldens)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length).replaceAll('--', '/'))
    .sort();

export const readCell = (id: string): Cell =>
  JSON.parse(readFileSync(goldenFile(`${id.replaceAll('/', '--')}.json`), 'utf8')) as Cell;
