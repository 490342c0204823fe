import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { digestOfBytes } from '../digest.js';
import { blobKey, manifestKey } from '../keys.js';
import { MemoryStore } from '../memory-store.js';
import type { ObjectBody, ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { sweepPointer } from '../gc/sweep-state.js';
import { flippedIn } from '../testing/flipped-in.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { checkStore } from './check.js';
import { copyStore } from './copy.js';

const text = (value: string) => new TextEncoder().encode(value);
const whole = { damaged: [], missing: [] };

/** A run that goes on: each call is a checkpoint more, the pointer moved to it. */
function running(store: ObjectStore, folder: string) {
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  const pointer = new Pointer<object>(store, 'refs/runs/r/checkpoint');
  let step = 0;
  return async () => {
    step++;
    const ref = await artifacts.putArtifact('report', { a: text(`weights ${step}`) }, {});
    await pointer.update(() => ({ step, ref }));
    return ref;
  };
}

/** What happens at the source before each object that is written at the copy. */
class Beside extends MemoryStore {
  before: () => Promise<unknown> = () => Promise.resolve();
  override async put(key: string, body: ObjectBody) {
    await this.before();
    return super.put(key, body);
  }
}

describe('a copy of a store', () => {
  it('is whole, whatever a run writes meanwhile', async () => {
    await using folder = await temporaryFolder();
    const [from, to] = [new MemoryStore(), new Beside()];
    const save = running(from, folder.path);
    for (let i = 0; i < 3; i++) await save();
    let saves = 20;
    to.before = async () => void (saves-- > 0 && (await save()));
    const { objects, unguarded } = await copyStore(from, to);
    expect([objects > 7, unguarded, saves < 15]).toEqual([true, false, true]);
    expect(await checkStore(to)).toMatchObject(whole);
    expect((await sweepPointer(from).read())!.value.phase).toBe('idle');
    expect(await sweepPointer(to).read()).toBeUndefined();
    to.before = () => Promise.resolve();
    expect((await copyStore(from, to)).present).toBeGreaterThan(6);
  });

  it('waits for no collection: it says that one is at work', async () => {
    const store = new MemoryStore();
    const state = { epoch: 1, phase: 'marking', id: 'x', by: 'somebody', beat: 0 } as const;
    await sweepPointer(store).update(() => state);
    await expect(copyStore(store, new MemoryStore())).rejects.toMatchObject({ code: 'CONTROL_REFUSED' });
  });
});

describe('a check of a store', () => {
  it('names what is damaged and what is missing, each by its key', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const save = running(store, folder.path);
    const first = await save();
    await save();
    expect(await checkStore(store)).toMatchObject(whole);
    const blob = blobKey(digestOfBytes('weights 1'));
    const change = flippedIn(store);
    await change(blob, 3);
    await change('refs/runs/r/checkpoint', 12);
    await change(manifestKey(first.digest), 5);
    await store.delete(blobKey(digestOfBytes('weights 2')));
    const { damaged, missing } = await checkStore(store);
    expect(damaged.map(({ key }) => key).sort()).toEqual([
      blob,
      manifestKey(first.digest),
      'refs/runs/r/checkpoint',
    ]);
    expect(missing.map(({ key }) => key)).toEqual([blobKey(digestOfBytes('weights 2'))]);
    const quick = await checkStore(store, { contents: false });
    expect(quick.damaged.map(({ key }) => key)).not.toContain(blob);
  });

  it('names the manifest that a pointer leads to and the store has not', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const ref = await running(store, folder.path)();
    await store.delete(manifestKey(ref.digest));
    const { missing } = await checkStore(store);
    expect(missing).toEqual([
      { key: manifestKey(ref.digest), message: 'refs/runs/r/checkpoint refers to it' },
    ]);
  });
});
