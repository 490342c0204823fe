import type { Row } from '../row.js';
import { largeResults, overlappingSchedule, secretScan } from './histories.js';
import { everythingKilled, workersRestarted } from './servers.js';
import { aliasRaces, damagedCheckpoint, unreliableStore } from './store.js';
import { divergedLoss, fullDisk, hungTrainer, outOfMemory, partitionedWorker } from './trainer-faults.js';
import { checkpointWrites, everyStep, midAccumulation } from './trainer-kills.js';

/** In the order of the report. */
export const rows: readonly Row[] = [
  everyStep,
  midAccumulation,
  checkpointWrites,
  everythingKilled,
  workersRestarted,
  unreliableStore,
  damagedCheckpoint,
  hungTrainer,
  partitionedWorker,
  fullDisk,
  outOfMemory,
  divergedLoss,
  aliasRaces,
  overlappingSchedule,
  largeResults,
  // Last: it reads the histories of all the others.
  secretScan,
];
