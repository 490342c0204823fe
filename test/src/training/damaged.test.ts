import { describe, expect, it } from 'vitest';
import { blobKey, checkpointKey, manifestKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { rm } from 'node:fs/promises';
import { tinyClassifier } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

const settings = tinyClassifier({ epochs: 2, saveSteps: 2, evalStrategy: 'no', seed: 7 });
const killed = { runs: 10 };

async function interrupted() {
  const run = await TinyRun.start(settings);
  await expect(run.train(killed)).rejects.toThrow('killed');
  const pointer = (await new Pointer<CheckpointPointer>(run.artifacts.store, checkpointKey('tiny')).read())!;
  return { run, pointer: pointer.value };
}

async function whole() {
  await using run = await TinyRun.start(settings);
  return run.digests((await run.train()).checkpoint);
}

/** As a disk does it: other bytes of the same length. */
async function damage(run: TinyRun, ref: NonNullable<CheckpointPointer['ref']>, what: 'blob' | 'manifest') {
  const { files } = await run.artifacts.manifest(ref);
  const key = what === 'blob' ? blobKey(files[0]!.digest) : manifestKey(ref.digest);
  const { bytes } = (await run.artifacts.store.get(key))!;
  const changed = new Uint8Array(bytes);
  changed[10]! ^= 1;
  await run.artifacts.store.put(key, changed);
  await rm(run.cacheFolder, { recursive: true, force: true });
}

describe('a damaged checkpoint', () => {
  it.each(['blob', 'manifest'] as const)('gives way to the one before it: %s', async (what) => {
    const { run, pointer } = await interrupted();
    await using _ = run;
    expect(pointer.previous!.length).toBeGreaterThan(0);
    await damage(run, pointer.ref!, what);
    const result = await run.train();
    const resumedFrom = pointer.previous![0]!.step;
    expect(result.damaged).toMatchObject([{ step: pointer.step, resumedFrom }]);
    expect(await run.digests(result.checkpoint)).toMatchObject(await whole());
    if (what === 'manifest') return;
    // The same weights were reached again: what was damaged was written again, under the same address.
    await rm(run.cacheFolder, { recursive: true, force: true });
    expect(await run.artifacts.readFile(pointer.ref!, 'trainable.safetensors')).toBeDefined();
  });

  it('gives way to the beginning where there is none before it', async () => {
    const { run, pointer } = await interrupted();
    await using _ = run;
    for (const { ref } of [pointer, ...pointer.previous!]) await damage(run, ref!, 'manifest');
    const result = await run.train();
    expect(result.damaged!.at(-1)).toMatchObject({ resumedFrom: 0 });
    expect(await run.digests(result.checkpoint)).toMatchObject(await whole());
  });
});
