import { TemperError, type ArtifactManifest, type CheckpointEntry } from '@temper/contracts';
import { storedDigest, takenBy, takenWords, type ArtifactStore } from '@temper/storage';

/** A checkpoint of the run's list, as the store has it. */
export interface KeptCheckpoint {
  readonly entry: CheckpointEntry;
  /** Undefined where it is gone. */
  readonly manifest?: ArtifactManifest<'checkpoint'> | undefined;
  /** Files that retention took. */
  readonly gone: readonly string[];
  /** The rule that took them, where one did. */
  readonly taken?: string | undefined;
  /** What the store gives back for it is not what was written. */
  readonly damage?: string | undefined;
}

/** All of it can be gone on from. */
export const isWhole = ({ manifest, gone, damage }: KeptCheckpoint): boolean =>
  manifest !== undefined && gone.length === 0 && damage === undefined;

/** Reads every byte of a checkpoint from the store itself: what this machine has cached of it may be older. */
export async function keptCheckpoint(
  artifacts: ArtifactStore,
  entry: CheckpointEntry,
): Promise<KeptCheckpoint> {
  try {
    const manifest = await artifacts.manifest(entry.checkpoint);
    const gone: string[] = [];
    for (const { path, digest } of manifest.files) {
      const found = await storedDigest(artifacts.store, digest);
      if (found === undefined) gone.push(path);
      else if (found !== digest)
        return { entry, manifest, gone, damage: `${path} is ${found}, not ${digest}` };
    }
    return { entry, manifest, gone, ...(gone.length ? await why(artifacts, entry) : {}) };
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    if (error.code === 'NOT_FOUND')
      return { entry, gone: ['its manifest'], ...(await why(artifacts, entry)) };
    if (error.code === 'BLOB_CORRUPT') return { entry, gone: [], damage: error.message };
    throw error;
  }
}

async function why({ store }: ArtifactStore, { checkpoint }: CheckpointEntry): Promise<{ taken?: string }> {
  const taken = await takenBy(store, checkpoint);
  return taken ? { taken: takenWords(taken) } : {};
}
