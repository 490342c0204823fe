import { readFileSync } from 'node:fs';

interface Package {
  readonly version: string;
}

/** All packages of a release have one version. */
export const temperVersion = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package
).version;

/** One version of Temporal's SDK in a process: that which Temper is built with. */
const temporal = '1.24.0';
export const temporalPackages = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`@temporalio/${name}`, temporal]));
export const temperPackages = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`@temper/${name}`, temperVersion]));

/** What generated code is run and tested with. */
export const toolVersions = {
  '@types/node': '^20.19.0',
  tsx: '^4.23.0',
  typescript: '~5.9.3',
  vitest: '^4.1.0',
} as const;
