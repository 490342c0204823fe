import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Collection & Schema;

interface Entry {
  readonly factory?: string;
  readonly implementation?: string;
  readonly schema: string;
  readonly description: string;
}
interface Collection {
  readonly generators?: Record<string, Entry>;
  readonly executors?: Record<string, Entry>;
}
interface Schema {
  readonly examples?: unknown[];
  readonly properties: Record<string, Record<string, unknown>>;
  readonly required: string[];
}

const entries = Object.entries({
  ...read('generators.json').generators,
  ...read('executors.json').executors,
});

describe.each(entries)('%s', (name, { factory, implementation, schema, description }) => {
  const program = (factory ?? implementation)!;
  const { properties, required, examples } = read(schema);

  it('is there, with the types of its options beside them', () => {
    expect(existsSync(join(root, program.replace('./dist/', 'src/').replace(/\.js$/, '.ts')))).toBe(true);
    expect(description).toMatch(/\.$/);
    const types = readFileSync(join(root, dirname(schema), 'schema.d.ts'), 'utf8');
    for (const property of Object.keys(properties)) expect(types).toMatch(new RegExp(`\\b${property}\\??:`));
  });

  it('says what each option is', () => {
    for (const [property, said] of Object.entries(properties)) {
      expect(said['description'], property).toMatch(/\.$/);
      if (said['x-prompt']) expect(required.includes(property) || 'default' in said, property).toBe(true);
    }
  });

  it.runIf(factory)('shows how it is used, and takes its first option as an argument', () => {
    expect(examples!.length).toBeGreaterThan(0);
    if (name === 'init') return expect(required).toEqual([]);
    expect(properties[required[0]!]!['$default']).toEqual({ $source: 'argv', index: 0 });
    expect(properties[required[0]!]!['x-prompt']).toBeTruthy();
  });
});

it('every generator and executor is listed', () => {
  const folders = ['generators', 'executors'].flatMap((kind) =>
    readdirSync(join(root, 'src', kind), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && entry.name !== 'testing' ? [entry.name] : [],
    ),
  );
  expect(entries.map(([name]) => name).sort()).toEqual(folders.sort());
});
