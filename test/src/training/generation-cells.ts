import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel, withValues } from '@temper/graph';
import { buildStill, positionsTaken } from '@temper/methods';
import { linkWeights, modelSizes, openModel } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { exampleFeeds, type Session } from '@temper/training';
import { writeAdapter, writeBase } from '../parity/matrix/cell-model.js';
import type { Cell } from '../parity/matrix/golden.js';

/** The model of a cell, laid out for training and for generation. */
export async function sessionsOf(cell: Cell, place: string) {
  const base = join(place, 'base');
  await writeBase(base, cell);
  const adapter = cell.adapter && join(place, 'adapter');
  if (adapter) await writeAdapter(adapter, cell.adapter!);
  const model = await openModel(base);
  await linkWeights(model, place);
  const { method } = parsePipelineSpec({
    ...{ name: 'cache', model: { base }, dataset: { train: 'a' } },
    method: cell.spec.method as PipelineSpecInput['method'],
  });
  const load = async (attention: 'padded' | 'cached') => {
    const options = { task: 'causal-lm', seed: 0, attention, initFrom: adapter } as const;
    const { graph, initial, virtualTokens, prefixTokens } = buildStill(model, method, options);
    const file = join(place, `${attention}.onnx`);
    await writeFile(file, encodeModel(withValues(graph, initial)));
    const session = await createSessionFactory('cpu').create(file, { threads: 1 });
    return { graph, session, virtualTokens, prefixTokens };
  };
  const positions = (await modelSizes(base)).positions - positionsTaken(method);
  return { padded: await load('padded'), cached: await load('cached'), positions };
}

/** Of the token behind `ids`, by the forward pass over all of them. */
export async function logitsAfter(session: Session, ids: readonly number[]): Promise<Float32Array> {
  const { logits } = await session.run(exampleFeeds(ids, [ids.length - 1]), { logits: null });
  return logits!.data as Float32Array;
}

/** The largest difference of two rows of logits. */
export const differenceOf = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((logit, k) => Math.abs(logit - b[k]!)));
