// node test/dist/parity/quality.js FOLDER: MiniLM on mails of three classes, in Temper's pipeline and in transformers.Trainer.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '@temper/services';
import { pythonEnvironment } from '../bench/python.js';
import { writeMailSplits } from './mail-splits.js';
import { minilmFolder } from './real-models.js';
import { sourceFolder } from './source-folder.js';

const run = promisify(execFile);
/** Of the macro F1 on the test split. */
const TOLERANCE = 0.015;

const folder = resolve(process.argv[2] ?? 'quality');
const model = await minilmFolder();
await writeMailSplits(folder);
const spec = {
  name: 'quality',
  model: { base: model },
  dataset: { train: 'train.csv', validation: 'validation.csv', test: 'test.csv' },
  tokenize: { maxLength: 128 },
  method: { type: 'full' },
};
await writeFile(join(folder, 'spec.json'), JSON.stringify(spec, null, 2));

const cli = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));
const temper = await last(process.execPath, [cli, 'run', join(folder, 'spec.json'), '--json']);
const ours = (temper as { metrics: { test: { f1: number; accuracy: number } } }).metrics.test;
const python = await pythonEnvironment(cacheFolder(), (text) => process.stderr.write(`${text}\n`));
const theirs = (await last(python, [join(sourceFolder, 'parity', 'quality.py'), folder, model])) as {
  f1: number;
  accuracy: number;
};

const difference = Math.abs(ours.f1 - theirs.f1);
const shown = ({ f1, accuracy }: { f1: number; accuracy: number }) =>
  `macro F1 ${f1.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`;
process.stdout.write(`Temper               ${shown(ours)}\ntransformers.Trainer ${shown(theirs)}\n`);
process.stdout.write(`difference ${difference.toFixed(4)}, allowed ${TOLERANCE}\n`);
process.exitCode = difference <= TOLERANCE ? 0 : 1;

/** The JSON object that a program prints last. */
async function last(program: string, args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1' };
  const { stdout } = await run(program, args, { cwd: folder, env, maxBuffer: 64 << 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
