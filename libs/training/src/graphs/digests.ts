import type { Digest, TokensMeta } from '@temper/contracts';
import { encodeModel, type Graph } from '@temper/graph';
import { storedFor, takesConstants } from '@temper/methods';
import { initFromOf, startTextOf } from '@temper/methods/schema';
import { NotInHeaders } from '@temper/models';
import { digestOfBytes, type ArtifactStore } from '@temper/storage';
import { definitionOf, minimisedOf } from '@temper/tasks';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphDigests, GraphsQuestion } from '../job.js';
import { headerModel, materializeHeaders } from './header-model.js';
import { graphsOfEvaluation, graphsOfTraining, type KeptGraph } from './kept-of-job.js';

interface DigestPorts {
  readonly artifacts: ArtifactStore;
  /** As the provider's sessions do it. */
  readonly adapt: (graph: Graph) => Graph;
}

/**
 * The digests of the graphs that a job would run, file by file those of what it will store: compiled from config.json, the headers of
 * weight files and what the tokens' manifest says. No weight is read, and no runtime is needed.
 */
export async function graphDigests(question: GraphsQuestion, ports: DigestPorts): Promise<GraphDigests> {
  await mkdir(question.workFolder, { recursive: true });
  const folder = await mkdtemp(join(question.workFolder, 'headers-'));
  try {
    return await digestsIn(folder, question, ports);
  } catch (error) {
    if (error instanceof NotInHeaders) return { unknown: error.message };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function digestsIn(
  folder: string,
  { spec, baseModel, adapter, tokens: ref }: GraphsQuestion,
  { artifacts, adapt }: DigestPorts,
): Promise<GraphDigests> {
  const { meta: tokens } = await artifacts.manifest(ref);
  const task = definitionOf(spec);
  const { labelNames } = tokens;
  const { loss } = minimisedOf(task, spec.training, { labelNames, labels: labelsOf(tokens, spec.training) });
  const initFrom = initFromOf(spec.method) === undefined ? undefined : join(folder, 'adapter');
  if (initFrom !== undefined) {
    if (takesConstants(spec.method))
      throw new NotInHeaders('the matrices of the adapter to start from that are not trained');
    await materializeHeaders(artifacts, adapter!, initFrom);
  }
  const { model, making } = await headerModel(artifacts, baseModel, folder);
  const frozen = { method: spec.method, precision: spec.model.precision };
  const base = await storedFor(model, frozen, { task: task.head, initFrom }, making);
  // Which tokens the text has is in the rows that training starts from, not in a graph.
  const startTokens = startTextOf(spec.method) === undefined ? undefined : [0];
  const inputs = { tokens, loss, initFrom, startTokens };
  const evaluates = !!tokens.splits.validation?.examples;
  const digestsOf = (graphs: Iterable<KeptGraph>): Record<string, Digest> =>
    Object.fromEntries(
      Array.from(graphs, ({ name, graph, onHost }) => [
        name,
        digestOfBytes(encodeModel(onHost ? graph : adapt(graph))),
      ]),
    );
  return {
    train: digestsOf(graphsOfTraining({ base, spec, inputs, evaluates }).kept()),
    evaluate: digestsOf(graphsOfEvaluation({ base, spec, inputs }).kept()),
  };
}

/** Labels in which classes are as often as in the training split: of those only their weights in balance know. */
function labelsOf(
  { classRows, labelKind, splits }: TokensMeta,
  { classWeights }: GraphsQuestion['spec']['training'],
): Int32Array {
  if (classWeights !== 'balanced') return new Int32Array();
  const rows = classRows?.train;
  const examples = splits.train?.examples ?? 0;
  if (!rows || (labelKind !== 'class' && labelKind !== 'flags'))
    throw new NotInHeaders('how often the training split has each class');
  if (labelKind === 'class') return Int32Array.from(rows.flatMap((count, i) => Array<number>(count).fill(i)));
  return Int32Array.from({ length: examples * rows.length }, (_, k) =>
    Number(Math.floor(k / rows.length) < rows[k % rows.length]!),
  );
}
