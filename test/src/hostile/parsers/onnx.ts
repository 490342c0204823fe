import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel } from '@temper/graph';
import { damaged } from '../bytes.js';
import type { Parser } from '../parser.js';

/** Models of every opset that is read. (The goldens lie beside their test, in the sources.) */
const file = join(import.meta.dirname, '../../graph/goldens/old-opsets.json').replace('/dist/', '/src/');
const models = (JSON.parse(readFileSync(file, 'utf8')) as { model: string }[]).map(({ model }) =>
  Buffer.from(model, 'base64'),
);

export const onnx: Parser = {
  name: 'onnx',
  inputs: 20_000,
  make: (random) => ({ files: { 'model.onnx': damaged(random.pick(models), random) } }),
  read: async (_, folder) => decodeModel(await readFile(join(folder, 'model.onnx'))),
};
