// Notes which tests of the parity matrix passed, for docs/support.md: `support.mjs` reads it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { matrixFiles, resultsFile } from './support.mjs';

/** A reporter of Vitest; silent, and only where the whole matrix ran. */
export default class SupportReporter {
  onTestRunEnd(modules) {
    const ran = modules.filter(({ moduleId }) => matrixFiles.some((file) => moduleId.endsWith(file)));
    if (ran.length < matrixFiles.length) return;
    const tests = ran.flatMap(({ children }) => [...children.allTests()]);
    const results = tests.map((test) => ({
      cell: test.parent.name,
      test: test.name,
      state: test.result().state,
    }));
    mkdirSync(dirname(resultsFile), { recursive: true });
    writeFileSync(resultsFile, JSON.stringify(results));
  }
}
