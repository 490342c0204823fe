// In a clone only: the published package has its dist/, and not this file.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../../../infra/workspace/build.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] });
if (status !== 0) process.exit(1);
