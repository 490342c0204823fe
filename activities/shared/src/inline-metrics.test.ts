import { ArtifactStore, MemoryStore, parseUri } from '@temper/storage';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { inlineMetrics } from './inline-metrics.js';

const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: tmpdir() });

describe('metrics on their way through Temporal', () => {
  it('stay as they are while they are small', async () => {
    const metrics = { f1: 0.5, confusionMatrix: [[1, 2]] };
    expect(await inlineMetrics({ artifacts }, metrics)).toBe(metrics);
  });

  it('keep their numbers and name the rest where they are large', async () => {
    const classes = Array.from({ length: 300 }, (_, i) => i);
    const metrics = { f1: 0.5, labels: ['a', 'b'], confusionMatrix: classes.map(() => classes) };
    const { details, ...kept } = await inlineMetrics({ artifacts }, metrics);
    expect(kept).toEqual({ f1: 0.5, labels: ['a', 'b'] });
    const { bytes } = (await artifacts.store.get(parseUri(details as string).key))!;
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(metrics);
    // An equal evaluation is an equal model card: the reference follows from the content.
    expect((await inlineMetrics({ artifacts }, metrics)).details).toBe(details);
  });
});
