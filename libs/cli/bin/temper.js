#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Nothing is built when packages are installed (.npmrc): the first use of a fresh clone does it.
if (!existsSync(new URL('../dist/main.js', import.meta.url))) {
  const build = fileURLToPath(new URL('../../../infra/workspace/build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}
await import('../dist/main.js');
