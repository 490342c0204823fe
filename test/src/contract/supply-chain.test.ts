import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

interface Entry {
  readonly [field: string]: unknown;
}
interface Lock {
  readonly packages: Record<string, Entry>;
}
interface Given {
  readonly npmrc: string;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly pins: readonly { readonly file: string; readonly text: string }[];
  readonly manifests: readonly { readonly folder: string; readonly manifest: object }[];
}
const { supplyProblems } = (await import(
  pathToFileURL(join(root, 'infra/workspace/supply-chain.mjs')).href
)) as { supplyProblems: (lock: Lock, given: Given) => string[] };

const text = (file: string) => readFileSync(join(root, file), 'utf8');
const lock = JSON.parse(text('package-lock.json')) as Lock;
const given: Given = {
  npmrc: text('.npmrc'),
  allowScripts: (JSON.parse(text('package.json')) as Given).allowScripts,
  pins: ['libs/services/src/pins.ts', 'libs/sources/src/pins.ts'].map((file) => ({ file, text: text(file) })),
  manifests: [],
};
const changed = (path: string, change: Entry): Lock => ({
  packages: { ...lock.packages, [path]: { ...lock.packages[path], ...change } },
});

it('what the lock file and the pins name is whole, looked at, and of an allowed licence', () => {
  expect(supplyProblems(lock, given)).toEqual([]);
});

it('what is not is found', () => {
  const zod = 'node_modules/zod';
  const problems = (path: string, change: Entry) => supplyProblems(changed(path, change), given).join('\n');
  expect(problems(zod, { integrity: undefined })).toMatch(/^zod@.*no SHA-512/);
  expect(problems(zod, { hasInstallScript: true })).toMatch(/^zod@.*install script that nobody/);
  expect(problems(zod, { license: 'GPL-3.0-only' })).toMatch(/^zod@.*not an allowed one: GPL-3.0-only/);
  expect(problems(zod, { license: '(GPL-3.0-only OR MIT)' })).toBe('');
  expect(problems(zod, { license: 'MIT AND GPL-3.0-only' })).toContain('not an allowed one');
  expect(problems(zod, { dev: true, license: 'GPL-3.0-only' })).toBe('');
  expect(problems(zod, { resolved: 'https://packages.example/zod.tgz' })).toMatch(/names an address/);
  const ofScripts = (change: Partial<Given>) => supplyProblems(lock, { ...given, ...change });
  expect(ofScripts({ npmrc: '' })).toEqual([
    '.npmrc: strict-allow-scripts=true is missing',
    '.npmrc: onnxruntime-node-install=skip is missing',
  ]);
  const { allowScripts } = given;
  expect(ofScripts({ allowScripts: { ...allowScripts, nx: true } })).toEqual([
    'package.json: allowScripts does not refuse nx',
  ]);
  expect(ofScripts({ allowScripts: { ...allowScripts, zod: true } })).toEqual([
    'package.json: allowScripts has zod, which nobody has looked at',
  ]);
  const pins = given.pins.map(({ file, text: whole }) => ({ file, text: whole.replace(/[0-9a-f]{64}/, '') }));
  expect(supplyProblems(lock, { ...given, pins })).not.toEqual([]);
  const manifest = { dependencies: { lax: '*', tagged: 'latest', good: '^1.2.3', exact: '0.1.0' } };
  expect(supplyProblems(lock, { ...given, manifests: [{ folder: 'x', manifest }] })).toEqual([
    'x/package.json: lax has the version *',
    'x/package.json: tagged has the version latest',
  ]);
});
