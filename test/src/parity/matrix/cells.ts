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

    it('exports what was trained', async () => {
      expect(trained, 'nothing was trained').toBeDefined();
      const exported = await exportCell(trained!);
      const [own, read] = [await ownLogits(trained!), await exportedLogits(trained!, exported)];
      expect(largestDifference(own, read)).toBeLessThan(1e-6);
    });
  });
}
