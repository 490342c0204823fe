import type { CacheEntry } from '@temper/activity';
import type { EngineIdentity } from '@temper/contracts';
import { fingerprint, type DevicePorts } from '@temper/activity-device';
import { generationOf, type EvaluateInput } from '@temper/spec';
import { GENERATION_CODE } from '@temper/training/generation/code';

/** Raise it where equal inputs are measured otherwise than before. */
const CODE = 'evaluate/5';

/** All that the measurements of both models depend on. */
export function entryOf(
  { provider }: Pick<DevicePorts, 'provider'>,
  { spec, baseModel, adapter, tokens, checkpoint }: EvaluateInput,
  engine?: EngineIdentity,
): CacheEntry {
  const generation = generationOf(spec);
  return {
    code: CODE,
    inputs: [baseModel.digest, tokens.digest, checkpoint.digest],
    spec: {
      ...fingerprint(spec, provider, adapter, engine),
      // Of an evaluation that generates texts: what is said of them has a version of its own.
      ...(generation && { generation: { ...generation, code: GENERATION_CODE } }),
    },
  };
}
