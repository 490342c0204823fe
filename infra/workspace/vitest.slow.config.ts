import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

// Parity with PyTorch on real models (`npm run test:parity`; weights are fetched with pip), a sweep of ten thousand trials
// (`npm run test:sweep`), the Nx plugin from a registry (`npm run test:nx`),
// the packed packages in an empty folder (`npm run test:installed`), a second S3 server (`npm run test:stores`),
// signatures by OpenSSF's own verifier (`npm run test:signatures`),
// a backup and its restore (`npm run test:backup`): minutes. All combinations of methods and tasks
// (`npm run test:combinations`): more than an hour.
const merged = mergeConfig(
  base,
  defineConfig({ test: { fileParallelism: false, testTimeout: 3_600_000, hookTimeout: 600_000 } }),
);
merged.test!.include = [
  'test/src/{parity,workflows,combinations,nx,contract,signing,stores,backup}/**/*.slow.test.ts',
];
merged.test!.exclude = ['**/node_modules/**', '**/dist/**'];
export default merged;
