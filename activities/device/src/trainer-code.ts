import type { Digest } from '@temper/contracts';
import { digestOf, digestOfBytes } from '@temper/storage';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { trainerManifest } from './trainer-program.js';

let known: Promise<Digest> | undefined;

/**
 * Of all that the trainer's program is made of, its package and those of the same scope that it needs: a version alone would not tell what
 * was changed in a checkout.
 */
export const trainerCode = (): Promise<Digest> => (known ??= codeOf(trainerManifest()));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Of the package whose package.json this is, and those of its scope that it needs. */
export async function codeOf(first: string): Promise<Digest> {
  const digests: Record<string, unknown> = {};
  for (const manifests = [first]; manifests.length;) {
    const file = manifests.pop()!;
    const { name, version, dependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    if (name in digests) continue;
    digests[name] = { version, files: await digestsIn(join(dirname(file), 'dist')) };
    const { resolve } = createRequire(file);
    const scope = name.slice(0, name.indexOf('/') + 1);
    for (const other of Object.keys(dependencies).filter((each) => each.startsWith(scope)))
      manifests.push(resolve(`${other}/package.json`));
  }
  return digestOf(digests);
}

async function digestsIn(folder: string): Promise<Record<string, Digest>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  const entries = await Promise.all(
    names.map(async (name) => [name, digestOfBytes(await readFile(join(folder, name)))] as const),
  );
  return Object.fromEntries(entries);
}
