import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import { stopServices } from '@temper/services';
import { homeFolder } from './home.js';
import { isAlive, readUpState, removeUpState } from './up-state.js';

/** A worker may checkpoint before it goes. */
const PATIENCE = 60_000;

/** Asks `temper up` to end and waits for it; false where nothing ran. */
export async function stopBackground(): Promise<boolean> {
  const state = await readUpState();
  if (!state) {
    await removeUpState();
    // Servers that something else left running in this folder.
    return stopServices({ folder: homeFolder() });
  }
  process.kill(state.pid, 'SIGTERM');
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(100)) {
    if (isAlive(state.pid)) continue;
    // The servers stay while another process uses them; down means down.
    await stopServices({ folder: homeFolder() });
    return true;
  }
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: `process ${state.pid}`,
    message: 'temper up does not end',
    hint: `kill ${state.pid}`,
  });
}
