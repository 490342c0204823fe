import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import { isAlive, signal, stopServices, UnreadableState } from '@temper/services';
import { homeFolder } from './home.js';
import { readUpState, removeUpState } from './up-state.js';

/** A worker may checkpoint before it goes. */
const PATIENCE = 60_000;

/** Asks `temper up` to end and waits for it; false where nothing ran. */
export async function stopBackground(): Promise<boolean> {
  const folder = homeFolder();
  const state = await readUpState().catch((error: unknown) => {
    // `temper up` ends with its servers, whatever became of its file.
    if (error instanceof UnreadableState) return undefined;
    throw error;
  });
  if (!state) {
    // Servers that something else left running in this folder.
    const stopped = await stopServices({ folder });
    await removeUpState();
    return stopped;
  }
  signal(state, 'SIGTERM');
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(100)) {
    if (isAlive(state)) continue;
    // The servers stay while another process uses them; down means down.
    await stopServices({ folder });
    return true;
  }
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: `process ${state.pid}`,
    message: 'temper up does not end',
    hint: `kill ${state.pid}`,
  });
}
