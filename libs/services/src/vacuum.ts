import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { CERTIFICATE, PRIVATE_KEY } from './s3-security.js';
import { knownState } from './known-state.js';

/** Of a volume: how much of it may be of deleted objects before it is written anew. */
const GARBAGE = 0.01;
const MINUTES = 10;

/**
 * Has the folder's own object store give back the space of deleted objects: it only marks them, in volumes that it writes
 * anew by itself once three tenths of one are garbage. Returns false where the folder runs no store of its own, or one
 * that was started before its place was written down.
 * @throws TemperError SERVICE_UNAVAILABLE where it does not do so
 */
export async function vacuumStore(folder: string): Promise<boolean> {
  const master = (await knownState(folder))?.s3?.master;
  if (master === undefined) return false;
  const [cert, key] = await Promise.all(
    [CERTIFICATE, PRIVATE_KEY].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const status = await new Promise<number>((resolve, reject) => {
    const asked = request(
      `${master}/vol/vacuum?garbageThreshold=${GARBAGE}`,
      { cert, key, ca: cert, timeout: MINUTES * 60_000 },
      (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)),
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${MINUTES} minutes`)));
    asked.on('error', reject).end();
  }).catch((cause: unknown) => {
    throw new TemperError(
      'SERVICE_UNAVAILABLE',
      { path: master, message: `no answer: ${String(cause)}` },
      { cause },
    );
  });
  if (status === 200) return true;
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: master,
    message: 'the store does not give back the space of deleted objects',
    found: `status ${status}`,
  });
}
