import type { GgufFile } from './reader.js';

/** What a GGUF file of one architecture says, in Hugging Face's terms. */
export interface GgufArchitecture {
  /** config.json, without what belongs to the tokenizer. */
  config(file: GgufFile): Promise<Record<string, unknown>>;
  /** Hugging Face's name of a tensor; undefined for tables that the config gives, and its own name where there is none. */
  weightName(name: string): string | undefined;
  /** The shape that a tensor has in Hugging Face's layout; default: as it is in the file. */
  readonly shapeOf?: ((name: string, shape: readonly number[]) => readonly number[]) | undefined;
  /** Undoes ggml's reordering of rows, and what else is kept otherwise there. */
  restore(name: string, data: Float32Array, config: Readonly<Record<string, unknown>>): Float32Array;
}
