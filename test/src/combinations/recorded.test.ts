/** The guard of RESULTS_CODE: recorded trainings, repeated. */
import { RESULTS_CODE } from '@temper/training/results-code';
import { afterAll, expect, it } from 'vitest';
import { readRecorded, recordedCells, recordTraining, recordUpdates } from './recording.js';
import { differencesOf, verdictOn } from './recorded-differences.js';
import { Workshop } from './workshop.js';

const recorded = await readRecorded();
const workshop = await Workshop.open();
afterAll(() => workshop[Symbol.asyncDispose]());
const cells = recordedCells(workshop);

it('is of this version, and of these trainings', () => {
  const again = 'record again: npm run record';
  expect(RESULTS_CODE, `the version is another one than that of the record; ${again}`).toBe(recorded.version);
  const names = cells.map(({ name }) => name);
  expect(Object.keys(recorded.trainings).sort(), `other trainings are recorded; ${again}`).toEqual(
    names.sort(),
  );
});

it.each(cells.map((each) => [each.name, each] as const))('%s', async (name, { cell, training }) => {
  const known = recorded.trainings[name]!;
  const { record: found, told, stored } = await recordTraining(workshop, cell, training);
  expect(told).toEqual(stored);
  expect(verdictOn(known.graphs !== found.graphs, differencesOf(known, found))).toBe('');
});

it('what WebAssembly updates', async () => {
  const found = await recordUpdates();
  const differ = Object.keys({ ...recorded.updates, ...found }).filter(
    (name) => recorded.updates[name] !== found[name],
  );
  expect(verdictOn(false, differ)).toBe('');
});

it('says what is to be done', () => {
  const known = Object.values(recorded.trainings)[0]!;
  const losses = known.losses.map((loss) => loss * (1 + 1e-4));
  expect(differencesOf(known, known)).toEqual([]);
  expect(differencesOf(known, { ...known, bits: { 'another engine': 'other' } })).toEqual([]);
  const differ = differencesOf(known, { ...known, losses });
  expect(verdictOn(false, differ)).toMatch(/^results changed .*: raise RESULTS_CODE in libs\/training/);
  expect(verdictOn(true, differ)).toMatch(/^graphs changed.*npm run record$/);
});
