// node test/dist/combinations/record.js – repeats the recorded trainings and writes what they come to. Bits of other engines stay
// where nothing else of a training is otherwise than before.
import { writeFile } from 'node:fs/promises';
import { RESULTS_CODE } from '@temper/training/results-code';
import { differencesOf } from './recorded-differences.js';
import {
  readRecorded,
  recordedCells,
  recordFile,
  recordTraining,
  recordUpdates,
  type Recorded,
  type RecordedTraining,
} from './recording.js';
import { Workshop } from './workshop.js';

const before: Partial<Recorded> = await readRecorded().catch(() => ({}));
await using workshop = await Workshop.open();
const trainings: Record<string, RecordedTraining> = {};
for (const { name, cell, training } of recordedCells(workshop)) {
  const { record: found } = await recordTraining(workshop, cell, training);
  const known = before.trainings?.[name];
  const isSame = known?.graphs === found.graphs && !differencesOf(known, found).length;
  trainings[name] = isSame ? { ...found, bits: { ...known.bits, ...found.bits } } : found;
  process.stdout.write(`${name}\n`);
}
const recorded: Recorded = { version: RESULTS_CODE, trainings, updates: await recordUpdates() };
await writeFile(recordFile, `${JSON.stringify(recorded, null, 2)}\n`);
