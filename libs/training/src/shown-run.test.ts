import { expect, it } from 'vitest';
import { shownRun } from './shown-run.js';

it.each([
  ['secret-plans-20261126-185100-1a2b', '20261126-185100-1a2b'],
  ['rates-20261126-185100-1a2b-t0007', '20261126-185100-1a2b-t0007'],
  ['nightly-20261126-plans-2026-11-26T03:00:00Z', '2026-11-26T03:00:00Z'],
  ['secret-plans', '8d2ab8d1'],
])('of %s is %s', (runId, shown) => {
  expect(shownRun(runId)).toMatch(runId === 'secret-plans' ? /^[0-9a-f]{8}$/ : shown);
  expect(shownRun(runId)).not.toContain('plans');
});
