import { describe, expect, it } from 'vitest';
import { parsePipelineSpec, readPipelineSpec } from './validate.js';

const minimal = { name: 'mail', model: { base: './m' } };
const problems = (spec: unknown) => readPipelineSpec(spec).problems;

describe('several sources to train on', () => {
  const listed = (...train: object[]) => ({ ...minimal, dataset: { train } });
  const first = { source: 'a.csv' };

  it('have a weight, and columns of their own', () => {
    const columns = { text: 'body', label: 'mood' };
    const { dataset } = parsePipelineSpec(listed(first, { source: 'b.csv', weight: 0.5, columns }));
    expect(dataset.train).toEqual([
      { source: 'a.csv', weight: 1 },
      { source: 'b.csv', weight: 0.5, columns },
    ]);
    expect(dataset.columns).toEqual({ text: 'text', label: 'label' });
    // Where each has its own, they say what the rows are.
    const answers = parsePipelineSpec(
      listed(
        { source: 'a.jsonl', columns: { prompt: 'q', completion: 'a' } },
        { source: 'b.jsonl', columns: { messages: 'turns' } },
      ),
    );
    expect([answers.task, answers.dataset.columns]).toEqual(['causal-lm', { prompt: 'q', completion: 'a' }]);
  });

  it.each([
    [listed(), 'dataset.train', 'too small', undefined],
    [listed({ ...first, weight: 0 }), 'dataset.train.0.weight', 'too small', 'number > 0 ≤ 100'],
    [listed({ ...first, weight: -1 }), 'dataset.train.0.weight', 'too small', 'number > 0 ≤ 100'],
    [listed({ ...first, weight: 1e9 }), 'dataset.train.0.weight', 'too large', 'number > 0 ≤ 100'],
    [listed({ ...first, weight: NaN }), 'dataset.train.0.weight', 'must be a number', 'number > 0 ≤ 100'],
    [listed({ weight: 1 }), 'dataset.train.0.source', 'is required', undefined],
    [listed({ ...first, wieght: 2 }), 'dataset.train.0.wieght', 'unknown field', 'source, weight, columns'],
    [listed({ source: 'https://a:b@h/x' }), 'dataset.train.0.source', 'holds a user name', undefined],
    [
      listed(first, first),
      'dataset.train.1.source',
      'is the same source as dataset.train.0.source',
      undefined,
    ],
    [
      listed(first, { source: 'b.csv', columns: { messages: 'm' } }),
      'dataset.train.1.columns',
      'rows of this source are of another kind than those of the others',
      '{text, label}',
    ],
    [
      listed(first, { source: 'b.csv', columns: { txt: 'm' } }),
      'dataset.train.1.columns',
      'fits none of the allowed forms',
      '{text, label}',
    ],
  ])('are told what is wrong with them: %#', (spec, path, message, allowed) => {
    const [problem, ...others] = problems(spec);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path });
    expect(problem!.message).toContain(message);
    if (allowed) expect(problem!.allowed).toContain(allowed);
  });
});
