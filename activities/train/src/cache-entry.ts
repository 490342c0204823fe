import type { CacheEntry } from '@temper/activity';
import { exactEngine, fingerprint, graphsInKey, type DevicePorts } from '@temper/activity-device';
import type { TrainInput } from '@temper/spec';
import { checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { RESULTS_CODE } from '@temper/training/results-code';
import type { GraphDigests } from '@temper/training/trainer-process';

/** Of the training to its end, which one that stops early is only a part of. */
export async function wholeEntry(
  ports: DevicePorts,
  input: TrainInput,
  graphs: GraphDigests,
): Promise<CacheEntry> {
  const { spec, baseModel, adapter, tokens, fork } = input;
  return {
    code: RESULTS_CODE,
    inputs: [baseModel.digest, tokens.digest, ...(fork ? [fork.checkpoint.digest] : [])],
    spec: fingerprint(spec, ports.provider, {
      ...{ adapter, graphs: graphsInKey(graphs, 'train') },
      engine: await exactEngine(ports, spec),
    }),
  };
}

/** A training that somebody changed is not what its spec says: it neither uses nor makes an entry of the cache. */
export const isChanged = async (ports: DevicePorts, input: TrainInput): Promise<boolean> =>
  !!input.changes?.length || (await wasChanged(ports, input));

/** Whether the run's checkpoint, from which training goes on, is of a changed training. */
async function wasChanged(ports: DevicePorts, { runId, training = 0 }: TrainInput): Promise<boolean> {
  const pointer = await new Pointer<CheckpointPointer>(ports.store, checkpointKey(runId)).read();
  const { ref, training: of = 0 } = pointer?.value ?? {};
  return !!ref && of === training && !!(await ports.artifacts.manifest(ref)).meta.changes;
}
