// Gives every package the same four targets, so that a package is package.json, tsconfig.json and src/ only.
import { dirname } from 'node:path';

const pattern = '{workflows,test,{activities,workers,libs}/*}/package.json';

const targetsFor = (root) => ({
  build: { command: `node infra/workspace/build.mjs ${root}` },
  test: { command: `vitest run --config infra/workspace/vitest.config.ts --dir ${root} --passWithNoTests` },
  lint: { command: `eslint -c infra/workspace/eslint.config.mjs ${root}` },
  typecheck: { command: `tsc --noEmit -p ${root}` },
});

export const createNodesV2 = [
  pattern,
  (files) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: { targets: targetsFor(root) } } }];
    }),
];
