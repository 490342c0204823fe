import type { Columns } from '@temper/contracts';
import { readExamples } from '@temper/data';
import type { Runner } from '../case.js';

/** Reads every row of the files as ingest does. */
export const rows: Runner = async ({ columns }, files) => {
  const found = [];
  for await (const example of readExamples(files, columns as Columns)) found.push(example);
  return { rows: found };
};
