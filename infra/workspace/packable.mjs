// Makes packages whole for `npm pack`: dist/ with types beside the JavaScript, and the changelog of all.
//   node infra/workspace/packable.mjs [PACKAGE_FOLDER ...]
import { copyFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { published, root } from './packages.mjs';
import { buildPackages } from './build.mjs';
import { writeTypes } from './types.mjs';

// As `prepack` of a package npm runs this in the package's folder.
const here = process.env['npm_lifecycle_event'] === 'prepack' ? [relative(root, process.cwd())] : [];
const asked = [...process.argv.slice(2), ...here];

await buildPackages(asked);
await writeTypes();
for (const { folder } of published()) {
  if (asked.length && !asked.includes(folder)) continue;
  await copyFile(join(root, 'CHANGELOG.md'), join(root, folder, 'CHANGELOG.md'));
}
