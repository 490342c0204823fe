// That the tree holds one version of Temporal's SDK, once: two do not know each other's classes.
import { join } from 'node:path';
import { readJson, root } from '../packages.mjs';

/** @returns what is wrong, in words. */
export function sdkProblems() {
  const found = Object.entries(readJson(join(root, 'package-lock.json')).packages)
    .map(([path, { version }]) => ({
      path,
      name: /(?:.*node_modules\/)(@temporalio\/[^/]+)$/.exec(path)?.[1],
      version,
    }))
    .filter(({ name }) => name);
  const versions = [...new Set(found.map(({ version }) => version))];
  const nested = found.filter(({ path, name }) => path !== `node_modules/${name}`);
  return [
    ...(versions.length > 1
      ? [`the lock file holds several versions of the SDK: ${versions.join(', ')}`]
      : []),
    ...nested.map(({ path }) => `the lock file holds a second copy: ${path}`),
  ];
}
