/** What the operators' declarations accept, ONNX Runtime accepts: every case with every element type that is declared for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { encodeModel } from '@temper/graph';
import { builtCase, retyped, typeSlots } from '@temper/graph/ops/case-graph';
import { cases, type OpCase } from '@temper/graph/ops/cases';
import type { OpName } from '@temper/graph/ops/index';
import { createSessionFactory } from '@temper/onnxruntime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-types-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sessions = createSessionFactory('cpu');

/** The outputs' types and shapes are in the file: ONNX Runtime refuses it where its own inference finds others. */
async function load(op: OpName, one: OpCase): Promise<void> {
  const file = join(folder, `${op}.onnx`);
  await writeFile(file, encodeModel(builtCase(op, one)));
  await (await sessions.create(file, { threads: 1 })).release();
}

describe.each(Object.entries(cases) as [OpName, readonly OpCase[]][])('%s', (op, table) => {
  test('loads with every declared type', async () => {
    for (const one of table)
      for (const { inputs, allowed } of typeSlots(op, one))
        for (const dtype of allowed) {
          const what = `${one.title}, inputs ${inputs.join(', ')} as ${dtype}`;
          const loaded = load(op, retyped(one, inputs, dtype)).catch((error: unknown) => {
            throw error instanceof TemperError ? new Error(`${what}: ${error.message}`) : error;
          });
          await expect(loaded, what).resolves.toBeUndefined();
        }
  });
});
