import type { ArtifactManifest } from '@temper/contracts';
import { canonicalJson } from '@temper/storage';

type Checkpoint = ArtifactManifest<'checkpoint'>;

/**
 * What differs between a checkpoint and what training comes to; undefined where nothing does. Which graphs computed it is not compared:
 * another version of Temper may come to the same numbers by other ones.
 */
export function differenceOf(there: Checkpoint, made: Checkpoint): string | undefined {
  for (const { path, digest } of there.files) {
    const found = made.files.find((file) => file.path === path)?.digest;
    // The log of checkpoints of 0.1.0 has times.
    if (path !== 'metrics.jsonl' && found !== digest)
      return `${path} is ${digest}, training gives ${found ?? 'none'}`;
  }
  const fields = new Set([...Object.keys(there.meta), ...Object.keys(made.meta)]) as Set<
    keyof Checkpoint['meta']
  >;
  for (const field of fields) {
    if (field === 'graphs' || field === 'engine') continue;
    const [is, gives] = [there.meta[field], made.meta[field]].map((value) => canonicalJson(value ?? null));
    if (is !== gives) return `its ${field} is ${is}, training gives ${gives}`;
  }
  return undefined;
}
