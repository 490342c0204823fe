import type { ErrorCode } from '@temper/contracts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const corpusFolder = fileURLToPath(new URL('../../corpus', import.meta.url));

/** Where public files lie that are not committed; cases that need one are skipped without it. */
const publicFolder = process.env.TEMPER_PUBLIC_CORPUS;

/** What must come of an input: an outcome that contains this, or a typed error that says these texts. */
export type Expected =
  { readonly ok: unknown } | { readonly error: ErrorCode; readonly says?: readonly string[] };

export interface Case {
  readonly name: string;
  readonly input: CaseInput;
  readonly expect: Expected;
  /** Of a public file: where it is from. */
  readonly origin?: string;
}

export interface CaseInput {
  /** Beside cases.json. */
  readonly files?: readonly string[];
  /** Below `TEMPER_PUBLIC_CORPUS`. */
  readonly public?: readonly string[];
  readonly [field: string]: unknown;
}

/** Does what a user would do with the input; `files` are whole paths. Returns what came of it, for `expect.ok`. */
export type Runner = (input: Record<string, unknown>, files: readonly string[]) => Promise<unknown>;

export const kindsOnDisk = (): string[] =>
  readdirSync(corpusFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

export const casesOf = (kind: string): Case[] =>
  JSON.parse(readFileSync(join(corpusFolder, kind, 'cases.json'), 'utf8')) as Case[];

/** The paths of a case's files; undefined where a public one is not at hand. */
export function filesOf(kind: string, { files = [], public: given = [] }: CaseInput): string[] | undefined {
  const own = files.map((file) => join(corpusFolder, kind, file));
  if (!given.length) return own;
  const elsewhere = given.map((file) => join(publicFolder ?? '', file));
  return publicFolder && elsewhere.every(existsSync) ? [...own, ...elsewhere] : undefined;
}
