import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import type { ObjectStore } from '../object-store.js';
import { rows, type Place } from './stored-kinds.js';
import type { TestRunner } from './suite.js';

export interface ChangeableStore {
  readonly store: ObjectStore;
  /** Changes a bit of the byte at a place of the object, where it lies; what it returns puts the object back. */
  readonly change: (key: string, at: number) => Promise<() => Promise<void>>;
}

/** One bit of each kind of object that Temper stores is changed: whoever reads it is told, or has it made anew. */
export function changedBytesContract(
  name: string,
  open: () => Promise<ChangeableStore> | ChangeableStore,
  { describe, it }: TestRunner,
): void {
  describe(`a changed byte on ${name}`, () => {
    for (const [kind, row] of Object.entries(rows)) {
      if (row.unread) continue;
      it(`is ${row.mended ? 'mended' : 'found'}: ${kind}`, async () => {
        const { store, change } = await open();
        const folder = await mkdtemp(join(tmpdir(), 'temper-changed-'));
        const place: Place = { store, folder };
        const key = await row.write(place);
        const { size } = (await store.head(key))!;
        const whole = await row.read(place);
        for (const at of [0, size >> 1, size - 30, size - 1].filter((index) => index >= 0)) {
          const restore = await change(key, at);
          const found = await row.read(place).catch((error: unknown) => error);
          await restore();
          if (row.mended) assert.deepEqual(found, row.mended.to, `byte ${at}`);
          else assertNamed(found, key, at);
        }
        assert.deepEqual(await row.read(place), whole);
        await row.clear?.(place);
        await rm(folder, { recursive: true });
      });
    }
  });
}

function assertNamed(found: unknown, key: string, at: number): void {
  assert.ok(found instanceof TemperError, `byte ${at} of ${key}: ${String(found)}`);
  assert.ok(!found.retryable, found.code);
  assert.match(found.message, /damaged|does not match/);
  assert.ok(found.message.includes(key), found.message);
}
