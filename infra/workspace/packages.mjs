// The packages of this repository, and which of them are published.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Each with its folder, relative to the root, and its package.json. */
export const packages = (from = root) =>
  ['workflows', ...['activities', 'workers', 'libs'].flatMap((group) => below(from, group)), 'test']
    .filter((folder) => existsSync(join(from, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readJson(join(from, folder, 'package.json')) }));

export const published = (from = root) => packages(from).filter(({ manifest }) => !manifest.private);

const below = (from, group) => readdirSync(join(from, group)).map((name) => `${group}/${name}`);

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
