/** What runs in one thread shows no race: the gradient of a table of which thousands of rows are read again and again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, GraphBuilder } from '@temper/graph';
import { differentiate } from '@temper/graph/autodiff/differentiate';
import { createSessionFactory } from '@temper/onnxruntime';
import { float32, type Tensor } from '@temper/training/session';
import { expect, it } from 'vitest';

const [ROWS, WIDTH, READS] = [50, 384, 4096];

it('the gradient of a table is the whole sum of its rows’ gradients, in every run, with four threads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-rows-'));
  const g = new GraphBuilder('table');
  const table = g.input('table', 'float32', [ROWS, WIDTH]);
  const read = g.op('Gather', [table, g.input('ids', 'int32', ['tokens'])]);
  const dy = g.input('dy', 'float32', ['tokens', WIDTH]);
  const nodes = [...g.build().nodes];
  const gradient = differentiate({ g, nodes, seeds: new Map([[read, dy]]), wanted: [table] }).get(table)!;
  g.output(gradient, 'gradient');
  const file = join(folder, 'table.onnx');
  await writeFile(file, encodeModel(g.build()));
  const session = await createSessionFactory('cpu').create(file, { threads: 4 });
  try {
    const ids = Int32Array.from({ length: READS }, (_, i) => (i * i) % 7);
    const rows = Float32Array.from({ length: READS * WIDTH }, (_, i) => ((i * 31) % 101) - 50);
    const expected = new Float32Array(ROWS * WIDTH);
    // Whole numbers far below 2²⁴: every order of the additions gives the same.
    rows.forEach((x, i) => (expected[ids[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]! += x));
    const feeds: Record<string, Tensor> = {
      table: { ...float32(new Float32Array(ROWS * WIDTH)), dims: [ROWS, WIDTH] },
      ids: { dtype: 'int32', dims: [READS], data: ids },
      dy: { ...float32(rows), dims: [READS, WIDTH] },
    };
    for (let run = 0; run < 5; run++) {
      const { gradient: found } = await session.run(feeds, { gradient: null });
      expect(
        Buffer.compare(Buffer.from(found!.data.buffer), Buffer.from(expected.buffer)),
        `run ${run}`,
      ).toBe(0);
    }
  } finally {
    await session.release();
    await rm(folder, { recursive: true });
  }
});
