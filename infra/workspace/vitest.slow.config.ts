import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

// Parity with PyTorch on real models: minutes, and weights fetched with pip. `npm run test:parity`.
const merged = mergeConfig(
  base,
  defineConfig({ test: { fileParallelism: false, testTimeout: 900_000, hookTimeout: 600_000 } }),
);
merged.test!.include = ['test/src/{parity,workflows}/**/*.slow.test.ts'];
merged.test!.exclude = ['**/node_modules/**', '**/dist/**'];
export default merged;
