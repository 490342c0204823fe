import type { DevicePorts } from '@temper/activity-device';
import type { ArtifactRef } from '@temper/contracts';
import { checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';

/** What another run trained so far becomes this one's: it goes on from there, instead of doing it again. */
export async function adoptCheckpoint(
  ports: DevicePorts,
  runId: string,
  { checkpoint: ref, steps: step }: { checkpoint: ArtifactRef<'checkpoint'>; steps: number },
): Promise<void> {
  const pointer = new Pointer<CheckpointPointer>(ports.store, checkpointKey(runId));
  await pointer.update((current) => (current ? undefined : { attempt: 0, step, ref }));
}

/** The log belongs to the run that trained; a run that reuses its work shows it as its own. */
export async function adoptLog(
  { runs }: DevicePorts,
  runId: string,
  { trainedBy, steps }: { trainedBy: string; steps: number },
): Promise<void> {
  const lines = await runs.readAll(trainedBy);
  await runs.putLines(
    runId,
    0,
    lines.filter(({ step }) => step <= steps),
  );
}
