import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
}

/** All packages of a release have one version. */
export const temperVersion = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package
).version;
