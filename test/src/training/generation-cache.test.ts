/** Generation with kept keys and values is the forward pass over all tokens: every decoder, and every method that stands in front of texts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type Graph } from '@temper/graph';
import { buildStill, positionsTaken } from '@temper/methods';
import { linkWeights, modelSizes, openModel } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { argmax } from '@temper/tasks';
import { Decoder, exampleFeeds, type Session } from '@temper/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAdapter, writeBase } from '../parity/matrix/cell-model.js';
import { cellIds, readCell, type Cell } from '../parity/matrix/golden.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const methods = ['full', 'lora', 'ia3', 'prompt-tuning', 'prefix-tuning'];
const cells = cellIds().filter((id) => {
  const [, method, task] = id.split('/');
  return task === 'causal-lm' && methods.includes(method!);
});

/** The model of a cell, laid out for training and for generation. */
async function sessionsOf(cell: Cell, place: string) {
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
    const { graph, initial, virtualTokens } = buildStill(model, method, options);
    const file = join(place, `${attention}.onnx`);
    await writeFile(file, encodeModel(withValues(graph, initial)));
    const session = await createSessionFactory('cpu').create(file, { threads: 1 });
    return { graph, session, virtualTokens };
  };
  const positions = (await modelSizes(base)).positions - positionsTaken(method);
  return { padded: await load('padded'), cached: await load('cached'), positions };
}

function withValues(graph: Graph, values: ReadonlyMap<string, Float32Array>): Graph {
  const initializers = new Map(graph.initializers);
  for (const [name, data] of values)
    initializers.set(name, { value: initializers.get(name)!.value, data: { kind: 'inline', data } });
  return { ...graph, initializers };
}

async function afterAllOf(session: Session, ids: readonly number[]): Promise<Float32Array> {
  const { logits } = await session.run(exampleFeeds(ids, [ids.length - 1]), { logits: null });
  return logits!.data as Float32Array;
}

/** Longer than every window of the goldens, whose models have 32 positions and less. */
const WRITTEN = 24;

describe.each(cells)('%s', (id) => {
  it('writes the same tokens from kept keys and values', async () => {
    const place = join(folder, id.replaceAll('/', '--'));
    const { padded, cached, positions } = await sessionsOf(readCell(id), place);
    const decoder = new Decoder(cached.session, cached.graph, cached.virtualTokens);
    const ids = [7, 21, 40, 11, 33];
    let unread: readonly number[] = ids.slice();
    const longest = Math.min(ids.length + WRITTEN, positions);
    expect(longest).toBeGreaterThan(8);
    while (ids.length < longest) {
      const kept = await decoder.read(unread);
      const whole = await afterAllOf(padded.session, ids);
      const largest = Math.max(...whole.map((logit, k) => Math.abs(logit - kept[k]!)));
      expect(largest, `after ${ids.length} tokens`).toBeLessThan(1e-5);
      const next = argmax(kept, 0, kept.length);
      expect(next).toBe(argmax(whole, 0, whole.length));
      ids.push(next);
      // Several at once, as a second prompt would be read: then again one by one.
      unread =
        ids.length === 9 && longest > 12 ? [next, ...[3, 50].map((more) => (ids.push(more), more))] : [next];
    }
    await padded.session.release();
    await cached.session.release();
  });
});
