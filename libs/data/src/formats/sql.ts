/** A string literal, and a quoted column name, of SQL. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** `{'name': 'TYPE', …}` for the `columns` parameter of DuckDB's readers. */
export const columnTypes = (names: readonly string[], type: (name: string) => string) =>
  `{${names.map((name) => `${literal(name)}: ${literal(type(name))}`).join(', ')}}`;
