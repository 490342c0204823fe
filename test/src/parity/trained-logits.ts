import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineSpec } from '@temper/spec';
import { encodeModel, withValues } from '@temper/graph';
import { buildTrainable, storedFor } from '@temper/methods';
import { linkWeights, openModel, type Tensor } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { exampleFeeds } from '@temper/training';
import { definitionOf } from '@temper/tasks';

/**
 * Logits of the graph that was trained, with the trained weights in their places: nothing of the export is used.
 * One row of tokens; [sequence, vocabulary] for language models, [1, classes] for classification.
 */
export async function trainedLogits(options: {
  readonly spec: PipelineSpec;
  readonly modelFolder: string;
  readonly classes: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly inputIds: readonly number[];
  readonly folder: string;
  /** The adapter whose weights these are, where it is laid out otherwise than the trained graph. */
  readonly initFrom?: string | undefined;
}): Promise<number[]> {
  const { spec, weights, folder } = options;
  const head = spec.task.endsWith('-classification') ? { labels: options.classes } : {};
  const base = await openModel(options.modelFolder);
  const model = await storedFor(
    base,
    { method: spec.method, precision: spec.model.precision },
    { task: definitionOf(spec).head, ...head, initFrom: options.initFrom },
    join(folder, 'stored'),
  );
  const { graph } = buildTrainable(model, spec.method, {
    ...{ task: definitionOf(spec).head, ...head, seed: 0 },
    initFrom: options.initFrom,
  });
  await mkdir(folder, { recursive: true });
  await linkWeights(model, folder);
  const file = join(folder, 'forward.onnx');
  const values = new Map([...weights].map(([name, { data }]) => [name, data as Float32Array]));
  await writeFile(file, encodeModel(withValues(graph, values)));
  const session = await createSessionFactory('cpu').create(file, { threads: 2 });
  const everywhere = options.inputIds.map((_, t) => t);
  // A decoder reads the class of a text at its last token.
  const read = spec.task === 'sequence-classification' ? everywhere.slice(-1) : everywhere;
  const { logits } = await session.run(exampleFeeds(options.inputIds, read), { logits: null });
  await session.release();
  return Array.from(logits!.data as Float32Array);
}
