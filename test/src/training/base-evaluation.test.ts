import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { blobKey, MemoryStore } from '@temper/storage';
import { describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

/** Runs of their own over one store, each trained for two steps. */
class Runs {
  readonly store = new MemoryStore();
  private made = 0;

  async evaluate(settings: TinySettings, fresh = false) {
    const training = { ...settings.training, maxSteps: 2, evalStrategy: 'no' } as const;
    const runId = `run-${++this.made}`;
    await using run = await TinyRun.start({ ...settings, training, runId }, this.store);
    const result = await run.evaluate((await run.train()).checkpoint, fresh);
    return { ...result, files: await run.digests(result.rows as never) };
  }

  /** What is kept of the base model. */
  async entry(): Promise<{ key: string; digest: `sha256:${string}` }> {
    const keys: string[] = [];
    for await (const { key } of this.store.list('cache/base-evaluation/')) keys.push(key);
    expect(keys).toHaveLength(1);
    const { bytes } = (await this.store.get(keys[0]!))!;
    return {
      key: keys[0]!,
      ...(JSON.parse(new TextDecoder().decode(bytes)) as { digest: `sha256:${string}` }),
    };
  }
}

const golden = (name: string) =>
  fileURLToPath(new URL(`../../../libs/models/src/goldens/${name}`, import.meta.url));

/** Of another model with fewer words and positions. */
function ofModel(settings: TinySettings, name: string, words: number): TinySettings {
  const within = (ids: readonly number[]) => ids.map((id) => (id < 0 ? id : id % words));
  const splits = Object.entries(settings.splits).map(([split, rows]) => [
    split,
    rows.map(({ input_ids, labels }) => ({
      input_ids: within(typeof labels === 'number' ? input_ids.slice(0, 12) : input_ids),
      labels: typeof labels === 'number' ? labels : within(labels),
    })),
  ]);
  return {
    ...settings,
    modelFolder: golden(name),
    splits: Object.fromEntries(splits) as TinySettings['splits'],
  };
}

describe('the evaluation of the base model', () => {
  it('is that of every run over the same model and rows, whatever it trains', async () => {
    const runs = new Runs();
    const first = await runs.evaluate(tinyLanguageModel());
    expect(first.baseCached).toBe(false);
    const method = { type: 'full' } as const;
    const others = [tinyLanguageModel({ learningRate: 1, seed: 7 }), { ...tinyLanguageModel(), method }];
    for (const settings of others) {
      const other = await runs.evaluate(settings);
      const anew = await new Runs().evaluate(settings);
      expect([other.baseCached, anew.baseCached]).toEqual([true, false]);
      expect({ ...other, baseCached: false }).toEqual(anew);
      expect(other.base).toEqual(first.base);
      expect(other.test).not.toEqual(first.test);
    }
  });

  it('is made anew where anything that it depends on differs', async () => {
    const runs = new Runs();
    const settings = tinyLanguageModel();
    await runs.evaluate(settings);
    const test = settings.splits.test!;
    const others: TinySettings[] = [
      { ...settings, splits: { ...settings.splits, test: test.slice(1) } },
      { ...settings, training: { ...settings.training, evalBatchSize: 1 } },
      { ...settings, threads: 1 },
      { ...settings, method: { type: 'qlora', r: 4 } },
    ];
    for (const other of others) {
      expect(await runs.evaluate(other)).toMatchObject({ baseCached: false });
      expect(await runs.evaluate(other)).toMatchObject({ baseCached: true });
    }
    expect(await runs.evaluate(settings)).toMatchObject({ baseCached: true });
  });

  it('depends on the seed where that makes the head', async () => {
    const runs = new Runs();
    const bare = (seed: number) => ofModel(tinyClassifier({ seed }), 'bert-bare', 32);
    const first = await runs.evaluate(bare(1));
    expect(await runs.evaluate(bare(1))).toMatchObject({ baseCached: true, base: first.base });
    const other = await runs.evaluate(bare(2));
    expect(other.baseCached).toBe(false);
    expect(other.base['loss']).not.toBe(first.base['loss']);
  });

  it('is that of the adapter to start from, where there is one', async () => {
    const runs = new Runs();
    const settings = ofModel(tinyLanguageModel(), 'llama-tiny', 32);
    const from = { ...settings, method: { type: 'lora', initFrom: golden('llama-adapter') } as const };
    const base = await runs.evaluate(settings);
    const adapter = await runs.evaluate(from);
    expect(adapter.baseCached).toBe(false);
    expect(adapter.base['loss']).not.toBe(base.base['loss']);
    const again = { ...from, training: { ...from.training, learningRate: 1 } };
    expect(await runs.evaluate(again)).toMatchObject({ baseCached: true, base: adapter.base });
  });

  it('is made anew when it is asked for', async () => {
    const runs = new Runs();
    const first = await runs.evaluate(tinyClassifier());
    expect(await runs.evaluate(tinyClassifier(), true)).toEqual(first);
  });

  it('is made anew, and kept again, where what was kept is damaged or gone', async () => {
    const runs = new Runs();
    const settings = tinyClassifier();
    const { baseCached: _, ...first } = await runs.evaluate(settings);
    const { key, digest } = await runs.entry();
    await using run = await TinyRun.start(settings, runs.store);
    const { files } = await run.artifacts.manifestOf(digest);
    const damages = [
      () => runs.store.put(key, new TextEncoder().encode('{"kind":')),
      () => runs.store.put(key, new TextEncoder().encode('{"kind":"evaluation"}')),
      ...files.flatMap((file) => [
        () => runs.store.delete(blobKey(file.digest)),
        () => runs.store.put(blobKey(file.digest), new Uint8Array(file.bytes)),
      ]),
    ];
    expect(damages).toHaveLength(8);
    for (const damage of damages) {
      await damage();
      // Nobody has a copy.
      await rm(run.cacheFolder, { recursive: true, force: true });
      expect(await runs.evaluate(settings)).toEqual({ ...first, baseCached: false });
      expect(await runs.evaluate(settings)).toEqual({ ...first, baseCached: true });
    }
  });
});
