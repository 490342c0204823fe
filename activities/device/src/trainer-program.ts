import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const trainer = '@temper/trainer';

/**
 * The program of the trainer's child process, as the installed package `@temper/trainer` names it: that package is run, never
 * imported, so that no worker loads ONNX Runtime.
 */
export function trainerProgram(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${trainer}/package.json`);
  const { bin } = require(manifest) as { bin: { 'temper-trainer': string } };
  return join(dirname(manifest), bin['temper-trainer']);
}
