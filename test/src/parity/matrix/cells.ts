import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, largestDifference } from './compare.js';
import { exportCell, exportedLogits, ownLogits, trainCell, type TrainedCell } from './engine.js';
import { readCell } from './golden.js';

/** Two tests a cell: that it trains as PyTorch does, and that what it exports is what was trained. */
export function describeCells(ids: readonly string[]): void {
  describe.each(ids)('%s', (id) => {
    let folder: string;
    let trained: TrainedCell | undefined;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'temper-cell-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('trains as PyTorch does', async () => {
      trained = await trainCell(readCell(id), folder);
      expect(differences(trained)).toEqual([]);
    });

    const exported = readCell(id).spec.method.type === 'full' ? 'a model' : 'an adapter';
    it(`exports ${exported} that is what was trained`, async () => {
      expect(trained, 'nothing was trained').toBeDefined();
      const read = await exportedLogits(trained!, await exportCell(trained!));
      const own = await ownLogits(trained!);
      expect(largestDifference(own, read)).toBeLessThan(2e-6);
    });
  });
}
