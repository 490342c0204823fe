import type { DuckDBConnection } from '@duckdb/node-api';
import { oneFile } from './plain-path.js';
import { identifier } from './sql.js';
import type { Table } from './table.js';

/** Parquet: lists and structures become JSON text, everything else its usual text. */
export async function parquetTable(connection: DuckDBConnection, file: string): Promise<Table> {
  const source = `read_parquet(${oneFile(file)})`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const types = new Map(described.getRows().map((row) => [String(row[0]), String(row[1])]));
  const asText = (name: string) => {
    const nested = /\[|^STRUCT|^MAP/.test(types.get(name)!);
    const column = identifier(name);
    return nested
      ? `CAST(to_json(${column}) AS VARCHAR) AS ${column}`
      : `CAST(${column} AS VARCHAR) AS ${column}`;
  };
  return {
    columns: [...types.keys()],
    from: (wanted) => `(SELECT ${wanted.map(asText).join(', ')} FROM ${source})`,
  };
}
