import { existsSync } from 'node:fs';
import { doctor, type Check } from '@temper/services';
import { providers } from '@temper/contracts';
import { pc } from '../style.js';
import { exitCodes } from '../exit-codes.js';
import { homeFolder } from '../services/home.js';
import { workerMain } from '../services/worker-process.js';
import type { Terminal } from '../terminal.js';

export async function runDoctor(terminal: Terminal): Promise<number> {
  const checks = [...(await doctor({ folder: homeFolder() })), await workersCheck(), await runtimeCheck()];
  const ok = checks.every((c) => c.ok);
  terminal.answer({ ok, checks }, () => {
    for (const { name, ok, found, howToMend } of checks) {
      terminal.say(`${ok ? pc.green('✔') : pc.red('✖')} ${name}  ${pc.dim(found)}`);
      if (howToMend) terminal.say(`    ${pc.dim('mend:')} ${howToMend}`);
    }
  });
  return ok ? exitCodes.done : exitCodes.failed;
}

async function workersCheck(): Promise<Check> {
  const missing = providers.filter((pool) => !existsSync(workerMain(pool)));
  const ok = missing.length === 0;
  return {
    name: 'workers',
    ok,
    found: ok ? 'built' : `not built: ${missing.join(', ')}`,
    ...(ok ? {} : { howToMend: 'npm run build' }),
  };
}

/** Loads the native library: a wrong platform or a broken installation shows here and not in a run. */
async function runtimeCheck(): Promise<Check> {
  const name = 'ONNX Runtime';
  try {
    await import('@temper/onnxruntime');
    return { name, ok: true, found: 'loads' };
  } catch (error) {
    return { name, ok: false, found: (error as Error).message, howToMend: 'npm ci' };
  }
}
