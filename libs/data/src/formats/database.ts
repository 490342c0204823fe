import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { removeLinks } from './plain-path.js';

export interface Database extends AsyncDisposable {
  readonly connection: DuckDBConnection;
}

/** Pages of a file are some MB; one of a few bytes may say that it is gigabytes. */
const MEMORY = '512MB';

/** A DuckDB in memory, which reads files and nothing else: extensions are never fetched. */
export async function openDatabase(): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: MEMORY,
    // Else it would spill into the folder that one stands in.
    temp_directory: '',
  });
  const connection = await instance.connect();
  // Times with a zone are the same text on every machine.
  await connection.run("SET TimeZone = 'UTC'");
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
      await removeLinks(connection);
    },
  };
}
