// node test/dist/bench/gate/record.js RELEASE: keeps the graphs that the code compiles now, for the gate of the next release.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '@temper/graph';
import { gateModels, writeGateModel } from './models.js';
import { compileNow } from './side.js';

const release = process.argv[2];
if (!release) throw new Error('which release?');
const target = join(import.meta.dirname, '../../../gate-graphs', release);
await mkdir(target, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'temper-gate-'));
try {
  for (const model of gateModels) {
    await writeGateModel(model, join(folder, model.id));
    const { grad } = await compileNow(model, join(folder, model.id));
    await writeFile(join(target, `${model.id}.onnx`), encodeModel(grad));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
