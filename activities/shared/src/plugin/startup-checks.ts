import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { TemperError } from '@temper/contracts';
import { checkSigning, probeConditionalWrites, removeOldUploads, type ObjectStore } from '@temper/storage';
import type { StagePorts } from '../ports.js';

/** Several plugins of a worker have one store, and a probe costs requests. */
const probed = new WeakMap<ObjectStore, Promise<void>>();

/**
 * What would otherwise fail in the middle of a run.
 * @throws TemperError SPEC_INVALID where the home folder cannot be written or a key of models is not there, STORE_REFUSED where the store's conditional writes
 * are broken, STORE_UNAVAILABLE where it does not answer.
 */
export async function startupChecks(plugin: string, { home, store, registry }: StagePorts): Promise<void> {
  await writable(plugin, home);
  await checkSigning(registry.signing);
  let probe = probed.get(store);
  if (!probe) {
    probe = probeConditionalWrites(store);
    probed.set(store, probe);
    // Whoever starts after a failure asks again.
    probe.catch(() => probed.delete(store));
    // Nobody waits for it, and nothing depends on it: the next start, or `temper gc`, looks again.
    void probe.then(() => removeOldUploads(store)).catch(() => undefined);
  }
  await probe;
}

async function writable(plugin: string, home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
    await access(home, constants.W_OK);
  } catch (cause) {
    throw new TemperError(
      'SPEC_INVALID',
      {
        path: `${plugin}.home`,
        message: 'this folder cannot be written',
        found: `${home} (${(cause as NodeJS.ErrnoException).code})`,
        hint: 'home, or TEMPER_HOME, is a folder of this machine for caches and scratch space',
      },
      { cause },
    );
  }
}
