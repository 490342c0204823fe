import type { Example } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { suggestedLine } from '../formats/suggest.js';
import { isEmpty, saidIn, sequencesIn, textOf, tokensOf } from './content.js';

const U = '\u001f';
const messages = [
  { role: 'user', content: 'a' },
  { role: 'assistant', content: 'b', json: '{"x":1}' },
];

describe('what is read of a kind of example', () => {
  it.each<[Example, string, string, readonly string[]]>([
    [{ text: 'a', label: 'x' }, 'a', 'a', ['a']],
    [{ text: 'a' }, 'a', 'a', ['a']],
    [{ tokens: ['a', 'b'], tags: ['O', 'O'] }, 'a b', 'a b', ['a b']],
    [{ prompt: 'a', completion: 'b' }, `a${U}b`, `a${U}b`, [`a${U}b`]],
    [{ anchor: 'a', positive: 'b' }, `a${U}b`, `a${U}b`, ['a', 'b']],
    [{ anchor: 'a', positive: 'b', negative: 'c' }, `a${U}b${U}c`, `a${U}b${U}c`, ['a', 'b', 'c']],
    [{ sentence1: 'a', sentence2: 'b', score: '1' }, `a${U}b`, `a${U}b`, ['a', 'b']],
    [
      { messages, tools: '[1]' },
      `user${U}a${U}assistant${U}b${U}{"x":1}${U}[1]`,
      `a${U}b`,
      [`user${U}a${U}assistant${U}b${U}{"x":1}${U}[1]`],
    ],
    [
      { prompt: 'a', chosen: 'b', rejected: 'c' },
      `a${U}b${U}a${U}c`,
      `a${U}b${U}a${U}c`,
      [`a${U}b${U}a${U}c`],
    ],
    [
      { chosen: [messages[0]!, messages[1]!], rejected: [{ role: 'assistant', content: 'c' }] },
      `user${U}a${U}assistant${U}b${U}{"x":1}${U}assistant${U}c`,
      `a${U}b${U}c`,
      [`user${U}a${U}assistant${U}b${U}{"x":1}${U}assistant${U}c`],
    ],
    [{ inputIds: [1, 2], labels: [1, 2] }, '', '', ['']],
  ])('%j', (example, text, said, sequences) => {
    expect(textOf(example)).toBe(text);
    expect(saidIn(example)).toBe(said);
    expect(sequencesIn(example)).toEqual(sequences);
    expect(tokensOf(example)).toEqual(example.inputIds);
    expect(isEmpty(example)).toBe(false);
  });

  it.each<[Example]>([
    [{ text: ' ', label: 'x' }],
    [{ text: 'a', label: '' }],
    [{ tokens: ['', ' '], tags: ['O', 'O'] }],
    [{ tokens: ['a'], tags: [' '] }],
    [{ prompt: '', completion: 'b' }],
    [{ anchor: 'a', positive: 'b', negative: ' ' }],
    [{ sentence1: 'a', sentence2: 'b', score: '' }],
    [{ messages: [{ role: 'user', content: 'a' }] }],
    [{ prompt: 'a', chosen: 'b', rejected: ' ' }],
    [{ chosen: messages, rejected: [{ role: 'assistant', content: '' }] }],
  ])('%j is empty', (example) => expect(isEmpty(example)).toBe(true));
});

describe('the line that is suggested for columns', () => {
  it.each<[readonly string[], Parameters<typeof suggestedLine>[1], string]>([
    [['id', 'body', 'sentiment'], undefined, '{text: body, label: sentiment}'],
    [['query', 'reply'], undefined, '{prompt: query, completion: reply}'],
    [
      ['instruction', 'context', 'reply'],
      undefined,
      '{instruction: instruction, input: context, output: reply}',
    ],
    [['dialogue', 'summary'], undefined, '{messages: dialogue}'],
    [
      ['question', 'preferred', 'rejected'],
      undefined,
      '{prompt: question, chosen: preferred, rejected: rejected}',
    ],
    [['words', 'ner_labels'], undefined, '{tokens: words, tags: ner_labels}'],
    [['input_ids', 'mask'], 'causal-lm', '{inputIds: input_ids, labels: input_ids}'],
    [['a', 'b'], 'causal-lm', '{prompt: a, completion: b}'],
    [['a', 'b'], undefined, '{text: a, label: b}'],
    [['review', 'label'], 'causal-lm', '{text: review}'],
    [['a', 'b'], 'masked-lm', '{text: a}'],
    [['a'], 'token-classification', '{tokens: a, tags: "…"}'],
    [['question', 'document'], 'embedding', '{anchor: question, positive: document}'],
    [
      ['text_a', 'text_b', 'similarity'],
      'embedding',
      '{sentence1: text_a, sentence2: text_b, score: similarity}',
    ],
  ])('%j of %s', (names, task, line) => expect(suggestedLine(names, task)).toBe(`dataset.columns: ${line}`));
});
