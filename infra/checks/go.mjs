// Programs and files of Go modules: pinned by version, checked by Go's checksum database, built once.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../libs/services/dist/index.js';

const cache = join(cacheFolder(), 'go');

/** GOFLAGS of the user's own would look for a go.mod. */
function go(args, env = {}) {
  mkdirSync(cache, { recursive: true });
  return execFileSync('go', args, {
    encoding: 'utf8',
    cwd: cache,
    env: { ...process.env, GOFLAGS: '-mod=mod', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function hasGo() {
  try {
    go(['version']);
    return true;
  } catch {
    return false;
  }
}

/** Path of the program that a package is built to: `helm.sh/helm/v3/cmd/helm@v3.19.0`. */
export function goProgram(name) {
  const program = join(cache, name.replaceAll('/', '_'));
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  go(['install', name], { GOBIN: work });
  renameSync(join(work, basename(name.split('@')[0])), program);
  rmSync(work, { recursive: true });
  return program;
}

/** Folder of a module's files, none of which is compiled. */
export const goModule = (name) => JSON.parse(go(['mod', 'download', '-json', name])).Dir;
