import type { ArtifactManifest, CheckpointMeta } from '@temper/contracts';
import { canonicalJson } from '@temper/storage';
import { THIS_CHECKPOINT } from '../checkpoint/meta.js';

type Checkpoint = ArtifactManifest<'checkpoint'>;

/**
 * What differs between a checkpoint and what training comes to; undefined where nothing does. Which graphs computed it is not compared:
 * another version of Temper may come to the same numbers by other ones.
 */
export function differenceOf(there: Checkpoint, made: Checkpoint): string | undefined {
  for (const { path, digest } of there.files) {
    const found = made.files.find((file) => file.path === path)?.digest;
    if (found !== digest) return `${path} is ${digest}, training gives ${found ?? 'none'}`;
  }
  const [is, gives] = isNext(made.meta)
    ? [withoutName(there.meta), withoutName(made.meta)]
    : [there.meta, made.meta];
  const fields = new Set([...Object.keys(is), ...Object.keys(gives)]) as Set<keyof CheckpointMeta>;
  for (const field of fields) {
    if (field === 'graphs' || field === 'engine') continue;
    const [one, other] = [is[field], gives[field]].map((value) => canonicalJson(value ?? null));
    if (one !== other) return `its ${field} is ${one}, training gives ${other}`;
  }
  return undefined;
}

/** Where the best evaluation called for no checkpoint, the next one is named: it may have been one at which training was interrupted. */
const isNext = ({ best, step }: CheckpointMeta) => best?.digest === THIS_CHECKPOINT && best.step !== step;

const withoutName = ({ best, ...meta }: CheckpointMeta) => ({
  ...meta,
  ...(best ? { best: { ...best, digest: '' } } : {}),
});
