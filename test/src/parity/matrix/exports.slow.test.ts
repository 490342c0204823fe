import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@temper/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownPython } from '../../bench/python.js';
import { sourceFolder } from '../source-folder.js';
import { exportCell, mergeCell, ownLogits, trainCell } from './engine.js';
import { cellIds, readCell } from './golden.js';

const python = knownPython(cacheFolder());
if (!python) {
  const reason = 'npm run bench makes a Python with PyTorch, TEMPER_BENCH_PYTHON names one';
  process.stderr.write(`\nSKIPPED: exports of the matrix in transformers and PEFT – ${reason}\n`);
}

describe.skipIf(!python)('what cells export', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-exports-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('loads in transformers and PEFT, and has the logits of the graphs that were trained, to 1e-4, merged too', async () => {
    let merged = 0;
    for (const id of cellIds()) {
      const cell = readCell(id);
      const place = join(folder, id.replaceAll('/', '--'));
      await mkdir(place);
      const trained = await trainCell(cell, place);
      await exportCell(trained);
      if (await mergeCell(trained)) merged++;
      const inputs = cell.rows.slice(0, 2).map((row) => row.input_ids);
      const { task, quantized = [] } = cell;
      const double = cell.spec.method['doubleQuantization'] ?? false;
      const { precision } = trained.spec.model;
      const said = { task, quantized, double, precision, inputs, logits: await ownLogits(trained) };
      await writeFile(join(place, 'ours.json'), JSON.stringify(said));
    }
    const script = join(sourceFolder, 'parity', 'matrix', 'check_exports.py');
    const { stdout } = await promisify(execFile)(python!, ['-W', 'ignore', script, folder]);
    process.stdout.write(stdout);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(cellIds().length + merged);
    expect(merged).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.includes(': agrees'))).toEqual([]);
  });
});
