import type { CacheEntry } from '@temper/activity';
import type { EngineIdentity } from '@temper/contracts';
import { fingerprint, graphsInKey, type DevicePorts } from '@temper/activity-device';
import { generationOf, type EvaluateInput } from '@temper/spec';
import { GENERATION_CODE } from '@temper/training/generation/code';
import { RESULTS_CODE } from '@temper/training/results-code';
import type { GraphDigests } from '@temper/training/trainer-process';

/** All that the measurements of both models depend on. */
export function entryOf(
  { provider }: Pick<DevicePorts, 'provider'>,
  { spec, baseModel, adapter, tokens, checkpoint }: EvaluateInput,
  { graphs, engine }: { readonly graphs: GraphDigests; readonly engine?: EngineIdentity | undefined },
): CacheEntry {
  const generation = generationOf(spec);
  return {
    code: RESULTS_CODE,
    inputs: [baseModel.digest, tokens.digest, checkpoint.digest],
    spec: {
      ...fingerprint(spec, provider, { adapter, graphs: graphsInKey(graphs, 'evaluate'), engine }),
      // Of an evaluation that generates texts: what is said of them has a version of its own.
      ...(generation && { generation: { ...generation, code: GENERATION_CODE } }),
    },
  };
}
