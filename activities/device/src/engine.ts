import type { EngineIdentity, Machine } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { runTrainer } from '@temper/training/trainer-process';
import { availableParallelism } from 'node:os';
import type { DevicePorts } from './ports.js';
import { trainerProgram } from './trainer-program.js';

/** By what starts a trainer: it does not change while this process lives. */
const known = new WeakMap<DevicePorts, Promise<Machine>>();

/** What will compute a run here, where that is part of its result. */
export const exactEngine = async (
  ports: DevicePorts,
  { resources }: PipelineSpec,
): Promise<EngineIdentity | undefined> => (resources.exact ? engineHere(ports, resources) : undefined);

/** What will compute a run here. The trainer itself is asked: it has the runtime. */
export async function engineHere(
  ports: DevicePorts,
  resources: PipelineSpec['resources'],
): Promise<EngineIdentity> {
  let asked = known.get(ports);
  if (!asked) {
    const question = { kind: 'machine', runId: 'machine', provider: ports.provider } as const;
    asked = runTrainer(question, { ...ports.trainer, entry: ports.trainer?.entry ?? trainerProgram() });
    known.set(ports, asked);
    // A trainer that could not be started is asked again.
    asked.catch(() => known.delete(ports));
  }
  return { ...(await asked), threads: threadsOf(ports, resources) ?? availableParallelism() };
}

export const threadsOf = (
  { threads }: Pick<DevicePorts, 'threads'>,
  resources: PipelineSpec['resources'],
): number | undefined => resources.threads ?? threads;
