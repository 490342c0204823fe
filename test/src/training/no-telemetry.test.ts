import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tinyClassifier } from './tiny-data.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Files that a process leaves in the user's home, in the caches and in the temporary folder, all of them empty before. */
async function leftBehind(args: readonly string[]): Promise<string[]> {
  // On a build machine (`CI`) the library keeps still by itself.
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, CI: ___, ...outer } = process.env;
  const folder = await mkdtemp(join(tmpdir(), 'temper-home-'));
  const [home, temporary, work] = ['home', 'tmp', 'work'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  try {
    for (const made of [home, temporary, work]) await mkdir(made);
    await promisify(execFile)(process.execPath, args, {
      cwd: work,
      env: { ...outer, HOME: home, TMPDIR: temporary },
      maxBuffer: 64 << 20,
    }).catch((error: { stdout?: string; stderr?: string }) => {
      // A machine may lack what `doctor` looks for; what counts is what is left behind.
      if (!args.includes('doctor')) throw error;
    });
    const all = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
    return files.map((file) => file.slice(folder.length + 1));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const trainer = join(root, 'test/dist/training/train-tiny.js');
const training = { maxSteps: 2 };
const predicts = `
  const { createSessionFactory } = await import(${JSON.stringify(join(root, 'libs/onnxruntime/dist/index.js'))});
  await createSessionFactory('cpu').create('/no/such.onnx', { threads: 1 }).catch(() => undefined);`;
const bare = `
  const { createRequire } = await import('node:module');
  const ort = createRequire(${JSON.stringify(join(root, 'libs/onnxruntime/dist/index.js'))})('onnxruntime-node');
  await ort.InferenceSession.create('/no/such.onnx').catch(() => undefined);`;
const script = (code: string) => ['--input-type=module', '-e', code];

describe('no process that loads ONNX Runtime leaves a device id, events or a log of it', () => {
  it.each([
    ['a training', [trainer, JSON.stringify(tinyClassifier(training))]],
    ["a GPU worker's probe", [join(root, 'workers/gpu/dist/probe-main.js'), 'cpu']],
    ['temper doctor', [join(root, 'libs/cli/bin/temper.js'), 'doctor']],
    ['a session that is asked for', script(predicts)],
  ])('%s', async (_, args) => {
    expect(await leftBehind(args)).toEqual([]);
  });

  it('which the library by itself does', async () => {
    expect(await leftBehind(script(bare))).toContainEqual(expect.stringContaining('onnxruntime'));
  });
});
