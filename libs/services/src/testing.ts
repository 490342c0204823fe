import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices, type Services } from './services.js';

let started: Promise<Services> | undefined;

/**
 * Real Temporal and S3 servers for a test file, started once in a temporary folder. `stop()` them in `afterAll`; if that is
 * forgotten they end with the process. The environment's TEMPORAL_ADDRESS and S3_ENDPOINT are not used.
 */
export function testServices(): Promise<Services> {
  started ??= mkdtemp(join(tmpdir(), 'temper-test-')).then((folder) =>
    startServices({ folder, temporary: true, env: {} }),
  );
  return started;
}
