import type { DuckDBConnection } from '@duckdb/node-api';
import { oneFile } from './plain-path.js';
import { columnTypes } from './sql.js';
import type { Table } from './table.js';

/**
 * JSON (an array of objects, or objects one after another) and JSON Lines. The names come from the first 20,480 objects;
 * values are taken as they are written (text stays text, even where it looks like a date).
 */
export async function jsonTable(
  connection: DuckDBConnection,
  file: string,
  extension: string,
): Promise<Table> {
  const format = extension === 'json' ? 'auto' : 'newline_delimited';
  const source = `${oneFile(file)}, format='${format}'`;
  const described = await connection.runAndReadAll(
    `DESCRIBE SELECT * FROM read_json(${source}, records='auto', map_inference_threshold=-1, maximum_depth=1)`,
  );
  const columns = described.getRows().map((row) => String(row[0]));
  if (columns.length === 1 && columns[0] === 'json' && (await isEmpty(connection, source))) columns.pop();
  return {
    columns,
    from: (wanted) => `read_json(${source}, records=true, columns=${columnTypes(wanted, () => 'VARCHAR')})`,
  };
}

/** A file without any value has no columns either; DuckDB then makes one of its own. */
async function isEmpty(connection: DuckDBConnection, source: string): Promise<boolean> {
  const counted = await connection.runAndReadAll(`SELECT 1 FROM read_json(${source}, records=false) LIMIT 1`);
  return counted.currentRowCount === 0;
}
