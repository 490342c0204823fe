import type { Example } from '@temper/contracts';
import type { Columns } from '@temper/spec';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database.js';
import { readExamples } from './read-examples.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-formats-'));
});
afterAll(() => rm(folder, { recursive: true }));

const labelled: Columns = { text: 'text', label: 'label' };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function read(files: Record<string, string | Uint8Array>, columns: Columns = labelled, limit?: number) {
  const paths = Object.keys(files).map((name) => join(folder, name));
  await Promise.all(Object.values(files).map((content, i) => writeFile(paths[i]!, content)));
  return all<Example>(readExamples(paths, columns, { limit }));
}

describe('a fault far into a file', () => {
  it.each([
    ['csv', 'text,label\n', (i: number) => `row ${i},x\n`, 'a,b,c\n'],
    ['jsonl', '', (i: number) => `{"text":"row ${i}","label":"x"}\n`, '{"text":\n'],
  ])('is an error of a .%s, never the end of it', async (extension, head, line, bad) => {
    const lines = Array.from({ length: 50_000 }, (_, i) => (i === 29_999 ? bad : line(i)));
    const reading = read({ [`far.${extension}`]: head + lines.join('') });
    await expect(reading).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});

describe('a name', () => {
  const names = [
    'set[1]',
    'a*b',
    'a?b',
    'a{1,2}',
    'back\\[1]',
    "it's",
    'label=hive/a',
    'f[1]/a',
    'text=x/[a]*',
    '[!a]/b',
  ];
  it.each(names)('%s is of one file, and says nothing of its rows', async (name) => {
    for (const [beside, text] of [
      ['set1', 'other'],
      ['f1/a', 'other'],
      [name, 'own'],
    ] as const) {
      for (const [extension, content] of [
        ['csv', `text,label\n${text},x\n`],
        ['jsonl', `{"text":"${text}","label":"x"}\n`],
      ] as const) {
        const file = join(folder, 'names', `${beside}.${extension}`);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
    }
    for (const extension of ['csv', 'jsonl']) {
      const file = join(folder, 'names', `${name}.${extension}`);
      expect(await all(readExamples([file], labelled))).toEqual([{ text: 'own', label: 'x' }]);
    }
  });
});

describe('CSV and TSV', () => {
  it('takes every value as it is written: quotes, line ends, numbers, dates, comments, empty fields', async () => {
    const csv = 'text,label\n"a ""b"",\nc",01\n# no comment,1.50\n2024-01-05T10:00:00Z,x\n,y\n';
    expect(await read({ 'a.csv': csv })).toEqual([
      { text: 'a "b",\nc', label: '01' },
      { text: '# no comment', label: '1.50' },
      { text: '2024-01-05T10:00:00Z', label: 'x' },
      { text: '', label: 'y' },
    ]);
  });

  it('reads a byte order mark, Windows line ends, and the delimiter of the header', async () => {
    const windows = '\ufefftext;label\r\na, b;1\r\n"c\r\nd";2\r\n';
    expect(await read({ 'b.csv': windows })).toEqual([
      { text: 'a, b', label: '1' },
      { text: 'c\r\nd', label: '2' },
    ]);
    expect(await read({ 'c.tsv': 'label\ttext\n1\ta, b; c\n' })).toEqual([{ text: 'a, b; c', label: '1' }]);
  });

  it('reads what Python’s csv writes: \\r\\n after a row, \\n within a text', async () => {
    expect(await read({ 'b.csv': 'text,label\r\n"a\nb",1\r\n"c\n\nd",2\r\n' })).toEqual([
      { text: 'a\nb', label: '1' },
      { text: 'c\n\nd', label: '2' },
    ]);
    expect(await read({ 'b.csv': 'text,label\n"a\r\nb",1\n' })).toEqual([{ text: 'a\r\nb', label: '1' }]);
  });

  it.each([
    [
      'a row with more fields',
      'text,label\na,1\nb,2,3\n',
      /d\.csv:3: a row of 3 fields, but the header has 2/,
    ],
    ['a row with fewer fields', 'text,label\na,1\nb\n', /d\.csv:3/],
    ['an open quote', 'text,label\na,1\n"b,2\n', /d\.csv:3.*quote/],
    [
      'another character set',
      Buffer.from('text,label\ncaf\xe9,1\n', 'latin1'),
      /d\.csv:2: the text is not UTF-8.*é in Windows-1252/,
    ],
    ['a binary file', Uint8Array.from({ length: 4096 }, (_, i) => (i * i * 7) % 251), /d\.csv/],
  ])('says file and line of %s', async (_, content, message) => {
    const reading = read({ 'd.csv': content });
    await expect(reading).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(reading).rejects.toThrow(message);
  });

  it('names all absent columns, those that are there, and the nearest', async () => {
    await expect(read({ 'e.csv': 'Text,lable,id\na,1,2\n' })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      problems: [
        {
          message: 'no column text (for text)',
          allowed: 'Text, lable, id',
          hint: expect.stringContaining('did you mean Text?'),
        },
        {
          message: 'no column label (for label)',
          hint: expect.stringContaining('dataset.columns.label: lable'),
        },
      ],
    });
  });
});

describe('JSON, Parquet and text', () => {
  it('reads JSON Lines and arrays, text as it is written, absent keys and null as empty', async () => {
    const lines = '{"text":"2024-01-05","label":1}\n{"label":"x","text":null}\n{"text":5,"label":true}\n';
    const examples = [
      { text: '2024-01-05', label: '1' },
      { text: '', label: 'x' },
      { text: '5', label: 'true' },
    ];
    expect(await read({ 'a.jsonl': lines })).toEqual(examples);
    expect(await read({ 'a.json': `[${lines.trim().replaceAll('\n', ',')}]` })).toEqual(examples);
    expect(await read({ 'b.jsonl': '{"text":"a"}\n{"text":"b","label":"1"}\n' })).toEqual([
      { text: 'a', label: '' },
      { text: 'b', label: '1' },
    ]);
  });

  it('says the line of broken JSON', async () => {
    await expect(read({ 'c.jsonl': '{"text":"a","label":1}\n{"text":\n' })).rejects.toThrow(
      /c\.jsonl:2: the line ends within a value/,
    );
  });

  it('reads conversations, also with content in parts', async () => {
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: 'c', extra: 1 },
    ];
    expect(await read({ 'm.jsonl': JSON.stringify({ chat: messages }) }, { messages: 'chat' })).toEqual([
      {
        messages: [
          { role: 'user', content: 'ab', json: JSON.stringify(messages[0]) },
          { role: 'assistant', content: 'c', json: JSON.stringify(messages[1]) },
        ],
      },
    ]);
    await expect(read({ 'n.jsonl': '{"chat":[{"from":"x"}]}' }, { messages: 'chat' })).rejects.toThrow(
      /n\.jsonl:1: wrong type for messages.*allowed: a list of \{role, content\}/,
    );
  });

  it('reads conversations in ShareGPT’s form', async () => {
    const chat = [
      { from: 'system', value: 's' },
      { from: 'human', value: 'q' },
      { from: 'gpt', value: 'a' },
    ];
    const content = JSON.stringify([{ id: 'x', conversations: chat }]);
    expect(await read({ 'g.json': content }, { messages: 'conversations' })).toMatchObject([
      { messages: ['system', 'user', 'assistant'].map((role, i) => ({ role, content: chat[i]!.value })) },
    ]);
  });

  it('reads tokens from lists, and from JSON text in a CSV; wrong rows are named together', async () => {
    const columns = { inputIds: 'ids', labels: 'labels' };
    expect(
      await read({ 't.jsonl': '{"ids":[1,2],"labels":[-100,2]}\n{"ids":[3],"labels":1}\n' }, columns),
    ).toEqual([
      { inputIds: [1, 2], labels: [-100, 2] },
      { inputIds: [3], labels: 1 },
    ]);
    expect(await read({ 't.csv': 'ids,labels\n"[1, 2]",1.0\n' }, columns)).toEqual([
      { inputIds: [1, 2], labels: 1 },
    ]);
    const wrong = [
      '{"ids":[1,2],"labels":[2]}',
      '{"ids":"x","labels":1}',
      '{"ids":[1],"labels":[0.5]}',
      '{"ids":[-1],"labels":0}',
    ];
    await expect(
      read({ 'w.jsonl': `{"ids":[1],"labels":0}\n${wrong.join('\n')}` }, columns),
    ).rejects.toMatchObject({
      problems: [
        { path: expect.stringContaining('w.jsonl:2'), found: '2 ids, 1 labels' },
        { path: expect.stringContaining('w.jsonl:3'), message: 'wrong type for inputIds', found: 'x' },
        { path: expect.stringContaining('w.jsonl:4'), message: 'wrong type for labels' },
        { path: expect.stringContaining('w.jsonl:5'), found: '-1' },
      ],
    });
  });

  it('reads Parquet: numbers as text, lists and structures as they are', async () => {
    const file = join(folder, 'p.parquet');
    {
      await using database = await openDatabase();
      await database.connection.run(
        `COPY (SELECT 'é' AS text, 3::BIGINT AS label, [7, 8] AS ids, [{role: 'user', content: 'q'}] AS chat) TO '${file}'`,
      );
    }
    const one = async (columns: Columns) => (await all(readExamples([file], columns)))[0];
    expect(await one(labelled)).toEqual({ text: 'é', label: '3' });
    expect(await one({ inputIds: 'ids', labels: 'label' })).toEqual({ inputIds: [7, 8], labels: 3 });
    expect(await one({ messages: 'chat' })).toEqual({ messages: [{ role: 'user', content: 'q' }] });
  });

  it('reads plain text line by line', async () => {
    const text = 'one, "two\n\nthree\tfour\n';
    expect(await read({ 'a.txt': text }, { text: 'text' })).toEqual([
      { text: 'one, "two' },
      { text: '' },
      { text: 'three\tfour' },
    ]);
  });

  it('reads several files of several formats, compressed ones too, up to the limit', async () => {
    const zst = join(folder, 'z.csv.zst');
    {
      await using database = await openDatabase();
      await database.connection.run(
        `COPY (SELECT 'z' AS text, 9 AS label) TO '${zst}' (FORMAT csv, COMPRESSION zstd)`,
      );
    }
    const gz = gzipSync('{"text":"a","label":1}\n{"text":"b","label":2}\n');
    const files = { 'g.jsonl.gz': gz, 'h.csv': 'label,text\n3,c\n4,d\n' };
    expect((await read(files)).map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
    expect((await read(files, labelled, 3)).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(await all(readExamples([zst], labelled))).toEqual([{ text: 'z', label: '9' }]);
  });

  it('says which formats there are', async () => {
    await expect(read({ 'a.xlsx': '' })).rejects.toThrow(/found \.xlsx; allowed: \.csv \.tsv .*\.parquet/);
  });
});
