import { joinSupervisor } from './lease.js';
import { UnreadableState } from './private-file.js';
import { isAlive } from './process-identity.js';
import { socketPath } from './socket-path.js';
import { readState, type ServicesState } from './state.js';

/**
 * What runs for a folder; undefined where nothing does. Where nobody supervises servers it matters no more what a file that
 * cannot be read said; where somebody does, UnreadableState.
 */
export async function knownState(folder: string): Promise<ServicesState | undefined> {
  try {
    const state = await readState(folder);
    return state && isAlive(state.supervisor) ? state : undefined;
  } catch (error) {
    if (!(error instanceof UnreadableState)) throw error;
    const lease = await joinSupervisor(socketPath(folder, 'supervisor'));
    if (!lease) return undefined;
    await lease.release();
    throw error;
  }
}
