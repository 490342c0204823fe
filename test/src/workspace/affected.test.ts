// What contributors are promised: a change runs the tasks of what depends on it, and what was done is not done again.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'temper-affected-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

async function nx(...args: string[]): Promise<string> {
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
  const own = { NX_DAEMON: 'false', NX_WORKSPACE_DATA_DIRECTORY: scratch, NX_CACHE_DIRECTORY: scratch };
  const program = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(given), ...own },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

interface Package {
  readonly name: string;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly peerDependencies?: object;
  readonly nx?: { readonly implicitDependencies?: readonly string[] };
}

/** The packages that depend on one, itself among them: from what their package.json says. */
function dependantsOf(name: string, folders: readonly string[]): Set<string> {
  const packages = folders.map(
    (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Package,
  );
  const found = new Set([name]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { name, nx, ...one } of packages) {
      const needs = { ...one.dependencies, ...one.devDependencies, ...one.peerDependencies };
      if ([...Object.keys(needs), ...(nx?.implicitDependencies ?? [])].some((need) => found.has(need)))
        found.add(name);
    }
  }
  return found;
}

it('a change of one package affects those that depend on it, and no others', async () => {
  const graph = JSON.parse(await nx('graph', '--print')) as {
    graph: { nodes: Record<string, { data: { root: string } }> };
  };
  const nodes = Object.values(graph.graph.nodes).filter(({ data }) => data.root !== '.');
  const folders = nodes.map(({ data }) => data.root);
  const changed = ['s3', 'optimizers'];
  for (const name of changed) {
    const asked = ['show', 'projects', '--affected', `--files=libs/${name}/src/index.ts`, '--json'];
    const affected = (JSON.parse(await nx(...asked)) as string[]).filter((project) => project !== 'temper');
    // The tests across packages read all of them.
    const expected = new Set([...dependantsOf(`@temper/${name}`, folders), '@temper/test']);
    expect(affected.sort(), name).toEqual([...expected].sort());
  }
}, 300_000);

it('a page of the documentation affects what reads it alone', async () => {
  const asked = ['show', 'projects', '--affected', '--files=docs/spec.md', '--json'];
  const affected = JSON.parse(await nx(...asked)) as string[];
  expect(affected).toContain('@temper/cli');
  expect(affected).not.toContain('@temper/graph');
}, 300_000);

it('what was built is not built again, and lies where it did', async () => {
  await nx('run', '@temper/codec:build');
  expect(await nx('run', '@temper/codec:build')).toMatch(/1 out of 1 tasks/);
}, 300_000);
