import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, run } from './installed-app.js';

const [contracts, nx, trainer] = ['libs/contracts', 'libs/nx', 'workers/trainer'];
let clone: string;
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'temper-clone-'));
  const copied = `git ls-files -zco --exclude-standard | tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$1"`;
  await promisify(execFile)('bash', ['-c', copied, 'copy', clone], { cwd: root });
  await run('git', ['init', '-q'], clone);
});
afterAll(() => rm(clone, { recursive: true, force: true }));

describe('a fresh clone, renamed, in which nobody has built anything', () => {
  it('installs, and no install script of others runs', async () => {
    await run(process.execPath, ['infra/workspace/rename-scope.mjs', '@acme'], clone);
    await run('npm', ['install', '--prefer-offline'], clone);
    expect(existsSync(join(clone, contracts, 'dist'))).toBe(false);
    const binaries = join(clone, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64');
    expect(existsSync(join(binaries, 'libonnxruntime_providers_cuda.so'))).toBe(false);
    expect(existsSync(join(clone, 'node_modules/@temper'))).toBe(false);
  });

  it('packs whole packages of the new name', async () => {
    const workspaces = [contracts, nx, trainer].flatMap((folder) => ['-w', folder]);
    const packed = await run('npm', ['pack', '--json', '--silent', ...workspaces], clone);
    const tarballs = JSON.parse(packed) as readonly Packed[];
    expect(tarballs.map(({ name }) => name)).toEqual(['@acme/contracts', '@acme/nx', '@acme/trainer']);
    for (const { filename, files } of tarballs) {
      const paths = files.map(({ path }) => path);
      expect(paths).toContain('CHANGELOG.md');
      const modules = paths.filter((path) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'));
      expect(modules.length).toBeGreaterThan(0);
      for (const module of modules) {
        const built = module.replace(/^src\/(.*)\.ts$/, 'dist/$1');
        expect(paths).toEqual(expect.arrayContaining([`${built}.js`, `${built}.d.ts`]));
      }
      const { stdout } = await promisify(execFile)('tar', ['-xzOf', join(clone, filename)], {
        maxBuffer: 2 ** 28,
      });
      expect(stdout).not.toContain('@temper/');
    }
  });

  it('does not install what brings an install script that nobody has looked at', async () => {
    const manifest = join(clone, 'package.json');
    const { allowScripts } = JSON.parse(await readFile(manifest, 'utf8')) as { allowScripts: object };
    expect(Object.values(allowScripts)).not.toContain(true);
    await run('npm', ['pkg', 'delete', 'allowScripts.esbuild'], clone);
    await expect(run('npm', ['ci', '--prefer-offline', '--dry-run'], clone)).rejects.toThrow(/esbuild/);
  });
});

/** What `npm pack --json` says of a tarball. */
interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}
