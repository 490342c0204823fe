import type { Orchestration } from './orchestration.js';

/** What a collection on a worker is asked for: that of `temper gc`, by the clock. */
export interface CollectInput {
  /** Says what would go, and removes nothing. */
  readonly dryRun?: boolean | undefined;
  /** For what nothing has referred to yet (`30m`, `1h`, `2d`); default 1h. */
  readonly grace?: string | undefined;
  readonly orchestration?: Orchestration | undefined;
}

/** Objects that were kept, or went, for one reason. */
export interface CollectedGroup {
  readonly why: string;
  readonly objects: number;
  readonly bytes: number;
}

/** What a collection came to; few enough words for a history. */
export interface Collected {
  readonly dryRun: boolean;
  /** Another collection was at work, by this one's word: nothing was done. */
  readonly busy?: string | undefined;
  readonly bytes: { readonly before: number; readonly after: number; readonly removed: number };
  readonly objects: { readonly before: number; readonly after: number; readonly removed: number };
  /** The largest first. */
  readonly kept: readonly CollectedGroup[];
  readonly removed: readonly CollectedGroup[];
  /** Objects that something refers to, and that are not there. */
  readonly missing: number;
  /** Bytes of caches and scratch folders that went on the worker's own machine. */
  readonly machine: number;
}

/** Called by the workflow `collectGarbage`; implemented by the janitor plugin. */
export interface JanitorActivities {
  collectGarbage(input: CollectInput): Promise<Collected>;
}

const decimal = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;

/** `removed 12 objects (3.1 MB), kept 240 (1.20 GB)` */
export function collectedInWords({ dryRun, busy, bytes, objects, missing }: Collected): string {
  if (busy !== undefined) return `another collection is at work: ${busy}`;
  const removed = `${dryRun ? 'would remove' : 'removed'} ${objects.removed} objects (${decimal(bytes.removed)})`;
  const lost = missing ? `; ${missing} that are referred to are missing` : '';
  return `${removed}, kept ${objects.after} (${decimal(bytes.after)})${lost}`;
}
