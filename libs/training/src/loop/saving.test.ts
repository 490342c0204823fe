import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactRef } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import type { Save } from '../checkpoint/saver.js';
import { OptimizerState } from '../optimizer/state.js';
import { ParameterStore } from '../parameters.js';
import { Saving, type Committed } from './saving.js';
import { initialState } from './state.js';

const store = new ParameterStore([{ name: 'w', shape: [2], kind: 'bias', decayed: true, lrScale: 1 }]);
const settings = { seed: 1, threads: 1, provider: 'cpu' };
const at = (step: number) => () => ({ state: { ...initialState(), step }, settings, lines: [] });
const ref = { kind: 'checkpoint', digest: 'sha256:0', uri: '' } as ArtifactRef<'checkpoint'>;

/** Saves that the test ends. */
function beside() {
  const asked: { save: Save; end: (error?: Error) => void }[] = [];
  const committed: Committed[] = [];
  const saver = {
    save: (save: Save) =>
      new Promise<typeof ref>((resolve, reject) => {
        asked.push({ save, end: (error) => (error ? reject(error) : resolve(ref)) });
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const trained = { store, optimizer: new OptimizerState([]) };
  const saving = new Saving({ saver, trained, onCommit: (one) => committed.push(one) });
  return { saving, asked, committed };
}

const valuesOf = ({ snapshot }: Save) => [...snapshot.trainable[0]!.data];

describe('saving', () => {
  it('keeps what was copied while training goes on, and copies again into the same memory', async () => {
    const { saving, asked, committed } = beside();
    store.values.set([1, 2]);
    await saving.begin(at(1));
    store.values.set([3, 4]);
    expect(valuesOf(asked[0]!.save)).toEqual([1, 2]);
    const next = saving.begin(at(2));
    await sleep(50);
    expect(asked).toHaveLength(1);
    asked[0]!.end();
    await next;
    expect(committed).toMatchObject([{ ref, save: { state: { step: 1 } } }]);
    expect(committed[0]!.stoodSeconds).toBeGreaterThan(0.04);
    expect(valuesOf(asked[1]!.save)).toEqual([3, 4]);
    const memory = asked.map(({ save }) => save.snapshot.trainable[0]!.data.buffer);
    expect(memory[0]).toBeInstanceOf(SharedArrayBuffer);
    expect(memory[1]).toBe(memory[0]);
    expect(saving.stoodMs).toBeGreaterThan(40);
  });

  it('tells of a failure as soon as it is known, and takes no other copy', async () => {
    const { saving, asked, committed } = beside();
    await saving.begin(at(1));
    saving.check();
    asked[0]!.end(new Error('no store'));
    await sleep(0);
    expect(() => saving.check()).toThrow('no store');
    await expect(saving.begin(at(2))).rejects.toThrow('no store');
    expect(asked).toHaveLength(1);
    expect(committed).toEqual([]);
    await saving[Symbol.asyncDispose]();
  });
});
