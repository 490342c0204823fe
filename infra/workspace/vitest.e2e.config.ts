import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

// Whole pipelines on real servers, one file at a time: they share two cores.
const merged = mergeConfig(
  base,
  defineConfig({ test: { fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 } }),
);
merged.test!.include = ['test/src/{e2e,contract,machines}/**/*.e2e.test.ts'];
merged.test!.exclude = ['**/node_modules/**', '**/dist/**'];
export default merged;
