import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests run against the sources of every package; only child processes use dist/.
// `import` is not named here: Node would apply it to `require` too, and CommonJS packages would get ES modules.
export default defineConfig({
  resolve: { conditions: ['temper:source', 'node'] },
  ssr: { resolve: { conditions: ['temper:source', 'node'] } },
  test: {
    include: ['{workflows,activities,workers,libs,test}/**/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.e2e.test.ts', '**/*.slow.test.ts'],
    pool: 'forks',
    // The second notes what docs/support.md is made of.
    reporters: ['default', fileURLToPath(new URL('./support-reporter.mjs', import.meta.url))],
    // Tests compare words; a build machine (`CI`) would colour them.
    env: { NO_COLOR: '1' },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
