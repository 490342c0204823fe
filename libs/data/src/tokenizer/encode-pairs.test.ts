import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spanOf } from '../tokens/span-of.js';
import { cutPair } from './encode-pairs.js';
import { openTokenizer } from './local-tokenizer.js';

type Files = Readonly<Record<string, string>>;
const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./goldens/${name}.json`, import.meta.url), 'utf8')) as T;

interface Encoded {
  readonly maxLength: number;
  /** Which of the rows it is. */
  readonly row: number;
  readonly inputIds: readonly number[];
  readonly tokenTypes: readonly number[];
  readonly first: number;
  /** Of the context's tokens, in code points. */
  readonly offsets: readonly (readonly [number, number])[];
  /** null: the answer is cut off. */
  readonly span: readonly [number, number] | null;
}

/** transformers' pairs and the tokens of the answers (goldens/pairs.py), by folders of goldens/vocabularies.py. */
const { rows, cases } = read<{
  readonly rows: readonly {
    readonly question: string;
    readonly context: string;
    readonly answer: string | null;
  }[];
  readonly cases: readonly { readonly name: string; readonly rows: readonly Encoded[] }[];
}>('pairs');
const made = read<{
  readonly vocabularies: Readonly<Record<string, Files>>;
  readonly cases: readonly { readonly name: string; readonly vocabulary: string; readonly files: Files }[];
}>('vocabularies');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pairs-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('a question and its context have transformers’ ids, types and places, cut as there', () => {
  it.each(cases)('$name', async ({ name, rows: encoded }) => {
    const { vocabulary, files } = made.cases.find((one) => one.name === name)!;
    const folder = join(root, String(cases.findIndex((one) => one.name === name)));
    await mkdir(folder);
    for (const [file, text] of Object.entries({ ...made.vocabularies[vocabulary], ...files }))
      await writeFile(join(folder, file), text, file.endsWith('.model') ? 'base64' : 'utf8');
    const tokenizer = await openTokenizer(folder);
    const whole = await tokenizer.encodePairs(rows);
    for (const { row, maxLength, inputIds, tokenTypes, first, offsets, span } of encoded) {
      const { question, context, answer } = rows[row]!;
      const units = (points: number) => Array.from(context).slice(0, points).join('').length;
      expect(cutPair(whole[row]!, maxLength)).toEqual({
        ...{ inputIds, tokenTypes, first },
        // transformers leaves it to the tokenizer whether the space before a word is one of its characters; here it never is.
        starts: offsets.map(([start, end]) => {
          const space = /^\s*/.exec(context.slice(units(start), units(end)))![0];
          return units(start) + space.length;
        }),
        ends: offsets.map(([, end]) => units(end)),
      });
      const answers = answer === null ? [] : [{ text: answer, start: context.indexOf(answer) }];
      const found = spanOf(whole[row]!, { question, context, answers }, maxLength);
      if (!span) expect(found).toEqual({ needed: expect.any(Number) as number });
      else expect(found).toMatchObject({ labels: span, pair: { inputIds, passage: { first } } });
    }
  });
});

it('is cut to nothing where the question alone is too long', () => {
  const pair = { inputIds: [1, 2, 3, 4, 5], tokenTypes: [0, 0, 0, 1, 1], first: 3, starts: [0], ends: [1] };
  expect(cutPair(pair, 5)).toEqual(pair);
  expect(cutPair(pair, 4)).toBeUndefined();
  const example = { question: 'q', context: 'c', answers: [{ text: 'c', start: 0 }] };
  expect(spanOf(pair, example, 4)).toEqual({ needed: 5 });
});
