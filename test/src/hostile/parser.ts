import type { Random } from './random.js';

/** Something that reads what comes from outside. */
export interface Parser {
  readonly name: string;
  /** How many inputs a whole run tries; fewer where an input costs a process of its own. */
  readonly inputs: number;
  /** Its work is done in other processes, so the clock counts; else processor time, which no busy machine makes longer. */
  readonly elsewhere?: boolean;
  /** An input of this case: files by their names in the case's folder, and what else the parser takes. */
  make(random: Random): HostileInput;
  /** Reads it as Temper would. What it returns does not matter; it must be a result or a TemperError. */
  read(input: HostileInput, folder: string): Promise<unknown>;
}

export interface HostileInput {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly [field: string]: unknown;
}

/** What an input may cost at most. */
export const bounds = { ms: 10_000, bytes: 512 * 2 ** 20, messageBytes: 4096 } as const;

export interface Outcome {
  readonly case: number;
  /** Of processor time, or by the clock. */
  readonly ms: number;
  /** Growth of the process's memory over the case. */
  readonly bytes: number;
  readonly messageBytes: number;
  /** Of an error that is no TemperError. */
  readonly crash?: string;
}
