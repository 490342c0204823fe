import { readFileSync } from 'node:fs';
import { goldenSource } from './source-folder.js';

export interface GoldenStep {
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
}

/** What make_goldens.py wrote; absent settings are the defaults of reference.py. */
export interface Golden {
  readonly name: string;
  readonly model: string;
  readonly adapter?: string;
  readonly data: string;
  readonly batch?: number;
  readonly accumulation?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly maxGradNorm?: number | null;
  readonly scheduler?: 'linear' | 'cosine' | 'constant';
  readonly warmupSteps?: number;
  /** The largest relative difference of the fp32 losses from the fp64 ones, in PyTorch. */
  readonly noise: number;
  /** In fp64. */
  readonly steps: readonly GoldenStep[];
}

/** One example, as already-tokenised data is written. */
export interface TokenRow {
  readonly input_ids: readonly number[];
  /** One label a token (−100 = not counted), the class number, or the first and the last token of an answer. */
  readonly labels: readonly number[] | number;
  /** Of rows of two texts, the type of each token. */
  readonly token_types?: readonly number[];
}

export const readGolden = <T>(name: string): T => JSON.parse(readFileSync(goldenSource(name), 'utf8')) as T;

export const readRows = (name: string): TokenRow[] =>
  readFileSync(goldenSource(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TokenRow);
