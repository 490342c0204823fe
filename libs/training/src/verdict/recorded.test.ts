import { readFileSync } from 'node:fs';
import { type MetricLine, type Metrics } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { expect, it } from 'vitest';
import { judge } from './judge.js';

/** Written by goldens/record-curves.mjs. */
interface Recorded {
  readonly name: string;
  readonly spec: object;
  readonly steps: readonly (readonly [step: number, epoch: number, loss: number])[];
  readonly evaluations: readonly (readonly [step: number, loss: number, f1: number])[];
  readonly test: Metrics;
}
const runs = JSON.parse(
  readFileSync(new URL('../../goldens/curves.json', import.meta.url), 'utf8'),
) as Recorded[];

const logOf = ({ steps, evaluations }: Recorded): MetricLine[] => [
  ...steps.map(([step, epoch, loss]) => {
    const others = { learningRate: 0, gradNorm: 0, tokens: 0, paddedTokens: 0, stepMs: 0 };
    return { step, epoch, loss, ...others };
  }),
  ...evaluations.map(([step, loss, f1]) => ({ step, split: 'validation' as const, loss, f1 })),
];

it.each([
  [
    'noisy',
    [
      'overfit training.epochs: 12',
      'too-little-data dataset.split: {train: 0.7, validation: 0.1, test: 0.2}',
    ],
  ],
  ['quickstart', ['fine']],
  ['collapsed', ['collapsed! training.maxSteps: 200', 'underfit training.maxSteps: 200']],
])('the recorded training %s', (name, expected) => {
  const run = runs.find((recorded) => recorded.name === name)!;
  const rows = Number(run.test.examples);
  const examples = { train: 8 * rows, validation: rows, test: rows };
  const verdicts = judge({ spec: parsePipelineSpec(run.spec), log: logOf(run), test: run.test, examples });
  const told = verdicts.map((v) => `${v.name}${v.refuses ? '!' : ''} ${v.change ?? ''}`.trim());
  expect(told).toEqual(expected);
});
