import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const trainer = '@temper/trainer';

/** Its package.json. */
export const trainerManifest = (): string =>
  createRequire(import.meta.url).resolve(`${trainer}/package.json`);

/**
 * The program of the trainer's child process, as the installed package `@temper/trainer` names it: that package is run, never
 * imported, so that no worker loads ONNX Runtime. `given`: another one.
 */
export function trainerProgram(given?: { readonly entry?: string | undefined }): string {
  if (given?.entry) return given.entry;
  const manifest = trainerManifest();
  const { bin } = createRequire(manifest)(manifest) as { bin: { 'temper-trainer': string } };
  return join(dirname(manifest), bin['temper-trainer']);
}
