import type { Digest } from '@temper/contracts';
import { manifestKey } from '../keys.js';
import type { Reader } from './inventory.js';
import { blobsOf, referencesIn, referencesOf, type Part } from './references.js';

/** A reference that is given up, and which rule did it. */
export interface Released {
  readonly digest: Digest;
  readonly part: Part;
  readonly rule: string;
}

/** Which objects are reached and why, and which would be if no rule had given them up. */
export class Marking {
  /** Key -> the first reason found. */
  readonly reached = new Map<string, string>();
  /** Key -> the rule that gave up a reference to it; where another reference reaches it, it stays. */
  readonly released = new Map<string, string>();
  /** Manifests that are referred to and not there, with the reason. */
  readonly missing = new Map<string, string>();
  /** Of artifacts, for the record of what was taken. */
  readonly releases: Released[] = [];
  /** When the reference that is followed was written. */
  asOf = Infinity;
  readonly #walked = new Set<string>();

  constructor(
    private readonly reader: Reader,
    /** Digest -> when it was taken away from all that referred to it by then. */
    private readonly withdrawn: ReadonlyMap<string, number> = new Map(),
  ) {}

  async keep(digest: Digest, part: Part, why: string): Promise<void> {
    if (this.asOf <= (this.withdrawn.get(digest) ?? -1) || !this.#first(`${part} ${digest}`)) return;
    this.#reach(manifestKey(digest), why);
    const manifest = await this.reader.manifest(digest);
    if (!manifest) return void (part === 'manifest' || this.missing.set(manifestKey(digest), why));
    for (const key of blobsOf(manifest, part)) this.#reach(key, why);
    const { references, blobs } = referencesOf(manifest, part);
    for (const key of blobs) this.#reach(key, why);
    for (const { digest: of, part: needed } of references) await this.keep(of, needed, why);
  }

  /** Everything that a value refers to; `partOf`: how much of each artifact. */
  async keepAll(value: unknown, why: string, partOf: (kind: string) => Part = () => 'whole'): Promise<void> {
    const { artifacts, blobs } = referencesIn(value);
    for (const key of blobs) this.#reach(key, why);
    for (const { digest, kind } of artifacts) await this.keep(digest, partOf(kind), why);
  }

  keepKeys(keys: readonly string[], why: string): void {
    for (const key of keys) this.#reach(key, why);
  }

  /** Of an artifact that a rule gives up, all that it would have kept. */
  async release(digest: Digest, part: Part, rule: string): Promise<void> {
    if (!this.#first(`release ${part} ${digest}`)) return;
    this.releases.push({ digest, part, rule });
    const manifest = await this.reader.manifest(digest);
    this.#give(manifestKey(digest), rule);
    if (!manifest) return;
    for (const key of blobsOf(manifest, part)) this.#give(key, rule);
    for (const { digest: of, part: needed } of referencesOf(manifest, part).references) {
      await this.release(of, needed, rule);
    }
  }

  async releaseAll(value: unknown, rule: string): Promise<void> {
    const { artifacts, blobs } = referencesIn(value);
    for (const key of blobs) this.#give(key, rule);
    for (const { digest } of artifacts) await this.release(digest, 'whole', rule);
  }

  releaseKeys(keys: readonly string[], rule: string): void {
    for (const key of keys) this.#give(key, rule);
  }

  #first(what: string): boolean {
    if (this.#walked.has(what)) return false;
    this.#walked.add(what);
    return true;
  }

  #reach(key: string, why: string): void {
    if (!this.reached.has(key)) this.reached.set(key, why);
  }

  #give(key: string, rule: string): void {
    if (!this.released.has(key)) this.released.set(key, rule);
  }
}
