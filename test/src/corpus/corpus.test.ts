import { TemperError } from '@temper/contracts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { casesOf, corpusFolder, filesOf, kindsOnDisk, type Case, type Runner } from './case.js';
import { runners } from './runners/index.js';

it('every folder of the corpus has a runner, and every file a case', () => {
  expect(Object.keys(runners).sort()).toEqual(kindsOnDisk().sort());
  for (const kind of kindsOnDisk()) {
    const named = casesOf(kind).flatMap(({ input }) => input.files ?? []);
    const tops = new Set(named.map((file) => file.split('/')[0]!));
    const there = readdirSync(join(corpusFolder, kind)).filter((name) => name !== 'cases.json');
    expect(there.filter((name) => !tops.has(name))).toEqual([]);
  }
});

for (const [kind, run] of Object.entries(runners)) {
  describe(kind, () => {
    for (const entry of casesOf(kind)) {
      const files = filesOf(kind, entry.input);
      const reason = entry.origin ? ` (needs ${entry.origin} in TEMPER_PUBLIC_CORPUS)` : '';
      if (files) it(entry.name, () => holds(run, entry, files));
      else it.skip(`${entry.name}${reason}`);
    }
  });
}

const MESSAGE_LIMIT = 4096;

async function holds(run: Runner, { input, expect: expected }: Case, files: readonly string[]) {
  const outcome = await run(input, files).catch((error: unknown) => error);
  if ('ok' in expected) {
    if (outcome instanceof Error) throw outcome;
    expect(outcome).toMatchObject(expected.ok as object);
    return;
  }
  expect(outcome).toBeInstanceOf(TemperError);
  const { code, message } = outcome as TemperError;
  expect({ code, message }).toEqual({ code: expected.error, message });
  for (const text of expected.says ?? []) expect(message).toContain(text);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MESSAGE_LIMIT);
}
