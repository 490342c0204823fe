import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBatch } from '@temper/data';
import { encodeModel } from '@temper/graph';
import { buildForward, linkWeights, openModel } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { batchFeeds } from '@temper/training';
import { expect, it } from 'vitest';
import { readGolden } from './golden.js';
import { goldenSource } from './source-folder.js';

it("a decoder's embedding is the mean of transformers' last hidden states over its real tokens", async () => {
  const { rows, embeddings } = readGolden<{ rows: number[][]; embeddings: number[][] }>(
    'decoder-embeddings.json',
  );
  const folder = await mkdtemp(join(tmpdir(), 'temper-decoder-'));
  try {
    const model = await openModel(goldenSource('tiny-llama'));
    const { graph } = buildForward(model, { task: 'embedding', seed: 0 });
    await linkWeights(model, folder);
    await writeFile(join(folder, 'forward.onnx'), encodeModel(graph));
    const session = await createSessionFactory('cpu').create(join(folder, 'forward.onnx'), { threads: 1 });
    const offsets = new Int32Array(rows.length + 1);
    rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
    const labels = new Int32Array(rows.length);
    const inputIds = Int32Array.from(rows.flat());
    const batch = makeBatch({ labelKind: 'value', inputIds, labels, offsets }, [0, 1, 2], { padTokenId: 0 });
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    await session.release();
    embeddings.flat().forEach((x, i) => expect(Math.abs((logits!.data[i] as number) - x)).toBeLessThan(2e-5));
  } finally {
    await rm(folder, { recursive: true });
  }
});
