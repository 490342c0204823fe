import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import { checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer, TrainerEvent, TrainResult } from '@temper/training';
import { describe, expect, it, vi } from 'vitest';
import { HeldStore } from './held-store.js';
import { tinyLanguageModel } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

// 14 examples by 2: 7 steps; checkpoints after 2, 4, 6 and 7.
const settings = tinyLanguageModel({ epochs: 1, saveSteps: 2, evalStrategy: 'no', seed: 7 });

/** A store that holds every commit until it is let go. */
function holding() {
  let letGo = () => {};
  const free = new Promise<void>((resolve) => (letGo = resolve));
  return { store: new HeldStore(() => free), letGo };
}

const committed = async ({ artifacts }: TinyRun) =>
  (await new Pointer<CheckpointPointer>(artifacts.store, checkpointKey('tiny')).read())?.value.step;

async function expectWhole(run: TinyRun, { checkpoint }: TrainResult) {
  await using undisturbed = await TinyRun.start(settings);
  expect(checkpoint).toEqual((await undisturbed.train()).checkpoint);
  const entries = async ({ runs }: TinyRun) =>
    (await runs.checkpoints('tiny')).map(({ step, checkpoint: { digest } }) => ({ step, digest }));
  expect(await entries(run)).toEqual(await entries(undisturbed));
}

describe('a checkpoint', () => {
  it('is stored while training goes on, which waits where the next one is due', async () => {
    const { store, letGo } = holding();
    await using run = await TinyRun.start(settings, store);
    let boundary = -1;
    const events: TrainerEvent[] = [];
    const training = run.train({
      interrupted: () => ++boundary < 0,
      report: (event) => events.push(event),
    });
    await vi.waitFor(() => expect(boundary).toBe(4), { timeout: 60_000 });
    await sleep(300);
    expect(boundary).toBe(4);
    expect(await committed(run)).toBe(0);
    expect(events.filter(({ type }) => type === 'checkpoint')).toEqual([]);
    letGo();
    await expectWhole(run, await training);
    const told = events.filter((event) => event.type === 'checkpoint');
    expect(told.map(({ step }) => step)).toEqual([2, 4, 6, 7]);
    // The first is what was waited for.
    expect(told[0]!.seconds).toBeGreaterThan(0.25);
    const end = events.findLast((event) => event.type === 'log')!;
    expect(end.message).toBe('trained to step 7');
    expect(end.attributes['savingSeconds']).toBeGreaterThan(0.25);
  });

  it.each([2, 4, 7])('that was copied and not committed, of step %i, is made again', async (step) => {
    let killed = false;
    const kill = (at: number) => {
      if (at !== step || killed) return;
      killed = true;
      throw new Error('killed');
    };
    await using run = await TinyRun.start(settings, new HeldStore(kill));
    await expect(run.train()).rejects.toThrow('killed');
    expect(await committed(run)).toBe({ 2: 0, 4: 2, 7: 6 }[step]);
    await expectWhole(run, await run.train());
  });

  it('that the store does not take fails the training, by the same error', async () => {
    let refuses = true;
    const refuse = (step: number) => {
      if (refuses && step === 4) throw new TemperError('STORE_UNAVAILABLE', 'not today');
    };
    await using run = await TinyRun.start(settings, new HeldStore(refuse));
    await expect(run.train()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await committed(run)).toBe(2);
    refuses = false;
    await expectWhole(run, await run.train());
  });

  it('is waited for where training is asked to stop', async () => {
    const { store, letGo } = holding();
    await using run = await TinyRun.start(settings, store);
    let boundary = -1;
    const training = run.train({ interrupted: () => ++boundary === 3 });
    const ended = vi.fn();
    training.catch(ended);
    await vi.waitFor(() => expect(boundary).toBe(3), { timeout: 60_000 });
    await sleep(300);
    expect(ended).not.toHaveBeenCalled();
    letGo();
    await expect(training).rejects.toMatchObject({ name: 'Interrupted', step: 3 });
    expect(await committed(run)).toBe(3);
  });

  it('is waited for where training fails', async () => {
    const { store, letGo } = holding();
    await using run = await TinyRun.start(settings, store);
    // In the fourth step: the copy is of the second.
    const training = run.train({ runs: 3 });
    const ended = vi.fn();
    training.catch(ended);
    await vi.waitFor(async () => expect(await store.head(checkpointKey('tiny'))).toBeDefined());
    await sleep(1_000);
    expect(ended).not.toHaveBeenCalled();
    letGo();
    await expect(training).rejects.toThrow('killed');
    expect(await committed(run)).toBe(2);
  });
});
