import type { Task } from '@temper/contracts';
import type { Columns } from '@temper/spec';
import { decideColumns, readExamples } from '@temper/data';
import type { Runner } from '../case.js';

interface Input {
  readonly columns?: Columns;
  readonly task?: Task;
  readonly encoding?: string;
  readonly quote?: 'double' | 'none';
}

/** Decides what a spec without columns leaves open, and reads every row of the files as ingest does. */
export const rows: Runner = async (input, files) => {
  const { columns: given, task: wanted, ...reading } = input as Input;
  const { task, columns } = await decideColumns({ task: wanted, columns: given }, files, reading);
  const found = [];
  for await (const example of readExamples(files, columns, reading)) found.push(example);
  return { rows: found, task, columns };
};
