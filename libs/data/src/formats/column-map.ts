import type { Columns } from '@temper/spec';

/** A field of an Example and the column that it is read from; `optional`: where the file has it. */
export type ColumnMap = readonly (readonly [field: string, column: string, optional?: 'optional'])[];

export const columnMap = (columns: Columns): ColumnMap => Object.entries(columns);
