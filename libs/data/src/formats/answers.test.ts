import { expect, it } from 'vitest';
import { Nested } from './cell.js';
import { toExample } from './example.js';

const fields = ['question', 'context', 'answers'] as const;
const read = (context: string, answers: unknown) =>
  toExample(fields, ['q', context, answers === null ? null : new Nested(JSON.stringify(answers))]);

it('reads lists of texts and starts, objects of both, and JSON in a cell of text', () => {
  const wanted = { question: 'q', context: 'in Paris', answers: [{ text: 'Paris', start: 3 }] };
  const squad = { text: ['Paris'], answer_start: [3] };
  expect(read('in Paris', squad)).toEqual(wanted);
  expect(read('in Paris', [{ text: 'Paris', answer_start: 3, id: 7 }])).toEqual(wanted);
  expect(toExample(fields, ['q', 'in Paris', JSON.stringify(squad)])).toEqual(wanted);
});

it('takes no list, an empty one and an empty answer for a question without an answer', () => {
  for (const none of [null, [], { text: [], answer_start: [] }, { text: [''], answer_start: [-1] }])
    expect(read('in Paris', none)).toEqual({ question: 'q', context: 'in Paris', answers: [] });
});

it('counts characters, of which some take two units', () => {
  expect(read('🙂🙂 in Paris', { text: ['Paris'], answer_start: [6] })).toMatchObject({
    answers: [{ text: 'Paris', start: 8 }],
  });
});

it('says what is wrong with an answer that does not stand there, and where it does', () => {
  expect(read('in Paris', { text: ['Paris'], answer_start: [2] })).toEqual({
    message: 'an answer does not stand in the context where it says',
    found: '"Paris" at 2, where there is " Pari"',
    allowed: 'answer_start: the character of the context, counted from 0, at which the text begins',
    hint: 'the text stands at 3',
  });
  expect(read('in Paris', { text: ['Rome'], answer_start: [-1] })).not.toHaveProperty('hint');
});

it.each([[['Paris']], [{ text: ['Paris'] }], [{ text: ['Paris'], answer_start: ['3'] }], [3], ['Paris']])(
  'refuses %j',
  (answers) => {
    expect(read('in Paris', answers)).toMatchObject({
      message: 'wrong type for answers',
      allowed: expect.stringContaining('answer_start') as string,
    });
  },
);
