/** What the operators' declarations accept, ONNX Runtime accepts: every case with every element type that is declared for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { encodeModel, type Graph } from '@temper/graph';
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
async function load(graph: Graph): Promise<void> {
  const file = join(folder, `${graph.name}.onnx`);
  await writeFile(file, encodeModel(graph));
  await (await sessions.create(file, { threads: 1 })).release();
}

/** Undefined where an attribute does not go with the type (`fmod` of Mod), which is not a matter of types. */
function accepted(op: OpName, one: OpCase): Graph | undefined {
  try {
    return builtCase(op, one);
  } catch (error) {
    if (error instanceof TemperError && /attribute .* has a wrong value/.test(error.message))
      return undefined;
    throw error;
  }
}

describe.each(Object.entries(cases) as [OpName, readonly OpCase[]][])('%s', (op, table) => {
  test('loads with every declared type', async () => {
    for (const one of table)
      for (const { inputs, allowed } of typeSlots(op, one))
        for (const dtype of allowed) {
          const graph = accepted(op, retyped(one, inputs, dtype));
          const what = `${one.title}, inputs ${inputs.join(', ')} as ${dtype}`;
          if (graph) await expect(load(graph), what).resolves.toBeUndefined();
        }
  });
});
