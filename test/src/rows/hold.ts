import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongCuts } from './cuts.js';
import { digestsByFormat } from './digests.js';
import { seededPlaces } from './places.js';
import { formats, textRows, writeRows } from './write-formats.js';

export interface Held {
  /** One, where all formats give the same data set. */
  readonly digests: readonly string[];
  /** Cuts that were tried, and what is wrong with those that did not end as they must. */
  readonly cuts: number;
  readonly wrong: readonly string[];
}

/** Equal rows in nine formats, and each of the files cut at so many seeded places. */
export async function rowsHold(
  { rows, places, seed }: { rows: number; places: number; seed: number },
  report: (line: string) => void = () => undefined,
): Promise<Held> {
  const folder = await mkdtemp(join(tmpdir(), 'temper-rows-'));
  try {
    const digests = new Set(Object.values(await digestsByFormat(folder, rows)));
    report(`${rows} rows in ${formats.length} formats: ${digests.size} data set`);
    const wrong: string[] = [];
    for (const format of formats) {
      const file = await writeRows(folder, 'whole', format, textRows(rows));
      const { size } = await stat(file);
      const found = await wrongCuts(file, format, seededPlaces(size, places, seed));
      report(`.${format} cut at ${places} places: ${found.length} wrong`);
      wrong.push(...found);
    }
    return { digests: [...digests], cuts: formats.length * places, wrong };
  } finally {
    await rm(folder, { recursive: true });
  }
}
