import { readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import { CERTIFICATE, PRIVATE_KEY } from './s3-security.js';
import { knownState } from './known-state.js';

/** Of a volume: how much of it may be of deleted objects before it is written anew. */
const GARBAGE = 0.01;
const MINUTES = 10;
/** It deletes what an object consisted of some seconds after the object: what is not marked yet is not given back either. */
const TRIES = 8;
const PAUSE_MS = 1_500;
/** Besides the bytes of objects: heads, and what is kept of small ones. */
const SLACK = 4e6;

/**
 * Has the folder's own object store give back the space of deleted objects: it only marks them, in volumes that it writes
 * anew by itself once three tenths of one are garbage. Returns false where the folder runs no store of its own, or one
 * that was started before its place was written down.
 * `live`: bytes of the objects that are still there; it is done again until no more than these take room, for some seconds.
 * @throws TemperError SERVICE_UNAVAILABLE where it does not do so
 */
export async function vacuumStore(
  folder: string,
  { live }: { readonly live?: number } = {},
): Promise<boolean> {
  for (let left = TRIES; ; left--) {
    if (!(await vacuumOnce(folder))) return false;
    const enough = live === undefined ? Infinity : 1.02 * live + SLACK;
    if (left <= 1 || (await volumesIn(join(folder, 's3'))) <= enough) return true;
    await sleep(PAUSE_MS);
  }
}

/** Bytes on disk of what the objects lie in. */
async function volumesIn(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.dat'));
  // One that is written anew is renamed meanwhile.
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function vacuumOnce(folder: string): Promise<boolean> {
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
