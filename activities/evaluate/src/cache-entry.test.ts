import type { ArtifactRef } from '@temper/contracts';
import { parsePipelineSpec, type EvaluateInput, type PipelineSpecInput } from '@temper/spec';
import { GENERATION_CODE } from '@temper/training/generation/code';
import { GRAPHS_CODE } from '@temper/training/results-code';
import type { GraphDigests } from '@temper/training/trainer-process';
import { expect, it } from 'vitest';
import { entryOf } from './cache-entry.js';

const ref = <K extends ArtifactRef['kind']>(kind: K, of: string): ArtifactRef<K> => ({
  ...{ kind, uri: `s3://temper/manifests/${of}.json`, digest: `sha256:${of.padEnd(64, '0')}` },
});
const input = (evaluation: PipelineSpecInput['evaluation'] = {}, training = {}): EvaluateInput => ({
  runId: 'r',
  spec: parsePipelineSpec({
    ...{ name: 'entries', task: 'causal-lm', model: { base: 'm' }, evaluation, training },
    dataset: { train: 'rows.jsonl', columns: { prompt: 'prompt', completion: 'completion' } },
  }),
  ...{ baseModel: ref('base-model', 'b'), tokens: ref('tokens', 'c'), checkpoint: ref('checkpoint', 'd') },
});
const graphs = { train: {}, evaluate: { 'evaluate.onnx': ref('graphs', 'e').digest } };
const keyOf = (given: EvaluateInput) => JSON.stringify(entryOf({ provider: 'cpu' }, given, { graphs }));

it('is another entry where texts are generated, and where other ones are', () => {
  const asked = [
    {},
    { metrics: ['bleu'] },
    { metrics: ['bleu'], maxNewTokens: 8 },
    { metrics: ['bleu'], generationRows: 9 },
  ].map((evaluation) => keyOf(input(evaluation as PipelineSpecInput['evaluation'])));
  expect(new Set(asked).size).toBe(asked.length);
});

it('is the same one whatever the gate, and whichever of the metrics of texts are shown', () => {
  expect(keyOf(input({ gate: { loss: { max: 1 } } }))).toBe(keyOf(input()));
  expect(keyOf(input({ gate: { bleu: { min: 1 } } }))).toBe(
    keyOf(input({ metrics: ['exactMatch', 'bleu'] })),
  );
});

it('has the version of generated texts where there are such, and only there', () => {
  expect(keyOf(input({ metrics: ['bleu'] }))).toContain(GENERATION_CODE);
  expect(keyOf(input())).not.toContain('generation');
});

it('has the graphs of an evaluation alone, or their version where headers do not tell them', () => {
  const keyWith = (of: GraphDigests) => JSON.stringify(entryOf({ provider: 'cpu' }, input(), { graphs: of }));
  const other = ref('graphs', 'f').digest;
  expect(keyWith({ ...graphs, train: { 'grad.onnx': other } })).toBe(keyWith(graphs));
  expect(keyWith({ ...graphs, evaluate: { 'evaluate.onnx': other } })).not.toBe(keyWith(graphs));
  expect(keyWith({ unknown: 'something' })).toContain(GRAPHS_CODE);
});
