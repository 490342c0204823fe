import { createHash } from 'node:crypto';

/** Between these, evenly; by the run's id, so that no two processes have to tell each other. */
export const [SHORTEST, LONGEST] = [120, 240];

export const trainingSeconds = (runId: string): number =>
  SHORTEST + (createHash('sha256').update(runId).digest().readUInt32BE() % (LONGEST - SHORTEST + 1));
