import { resolveSource } from '@temper/sources';
import { unpackNpm } from '@temper/sources/fetch/tarball';
import { unpackWheel } from '@temper/sources/fetch/wheel';
import { makeTarball, type Member } from '@temper/sources/testing/archives';
import { MemoryStore } from '@temper/storage';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from '../bytes.js';
import type { Parser } from '../parser.js';
import { Random } from '../random.js';
import { word, words } from '../words.js';
import { zipOf } from './zip.js';

const pieces = [
  'data',
  'a.csv',
  'b.jsonl',
  '..',
  '.',
  '',
  '*',
  '**',
  '[a-',
  '{a,b',
  '%2e%2e',
  '%',
  '#x',
  '?y=1',
  '@1',
  ' ',
  '~',
  '-r',
  '--index-url=x',
];
const starts = [
  '',
  '/',
  's3://bucket/',
  's3://',
  'file://',
  'file:///',
  'file:',
  'hf:',
  'hf:a/',
  'npm:',
  'npm:@a/',
  'pypi:',
  'pypi:a@',
  'http://127.0.0.1:9/',
  'https://u:p@127.0.0.1:9/',
  'http://[',
  'model:',
  'toString:',
  '__proto__:',
  'S3://',
];

const piece = (random: Random) => (random.chance(0.85) ? random.pick(pieces) : word(random));
const path = (random: Random) => [piece(random), ...random.many(4, () => piece(random))].join('/');

/** A name as a key, a member of an archive, or part of a path. */
const name = (random: Random) =>
  random.chance(0.4) ? random.pick(['data/a.csv', 'package/a.csv', 'a/b.py']) : path(random);

const members = (random: Random): Member[] =>
  Array.from({ length: 1 + random.below(4) }, () => ({
    name: name(random).slice(0, 99),
    content: 'text,label\n1,a\n',
    type: random.pick([
      'File',
      'File',
      'File',
      'SymbolicLink',
      'Link',
      'Directory',
      'FIFO',
      'CharacterDevice',
    ] as const),
    link: random.pick(['../../outside', '/etc/passwd', 'a.csv']),
    mode: random.pick([0o100644, 0o100755, 0o120777, 0o040755, 0o020666, 0]),
  }));

/** What lies beside the folder that the source may write to. */
const WATCHED = 'watched';

async function outside(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((entry) => entry !== 'cache' && entry !== WATCHED);
}

export const sources: Parser = {
  name: 'sources',
  inputs: 20_000,
  make: (random) => {
    const kind = random.pick(['uri', 'uri', 'keys', 'tar', 'zip'] as const);
    if (kind === 'uri' && random.chance(0.02)) {
      const piece = random.pick([
        '*a',
        '**/',
        '{a,',
        '{1..9999}',
        '{',
        '[',
        '[a',
        '}',
        'a/',
        '%41',
        '@a',
        '.a',
        '-',
      ]);
      const uri = random.pick(starts) + piece.repeat(random.pick([500, 3_000, 30_000]));
      return { kind, uri: uri + random.pick(['', '}'.repeat(1_000), ']', 'x']) };
    }
    if (kind === 'uri')
      return { kind, uri: random.pick(starts) + (random.chance(0.1) ? random.pick(words) : path(random)) };
    if (kind === 'keys') {
      const keys = Array.from({ length: 1 + random.below(5) }, () => name(random));
      return {
        kind,
        keys,
        uri: `s3://bucket/${random.pick(['', 'data/', 'data', '*', '**/*.csv', keys[0]!, path(random)])}`,
      };
    }
    return { kind, members: members(random), damage: random.chance(0.3) ? random.below(2 ** 31) : undefined };
  },
  read: async (input, folder) => {
    const cacheFolder = join(folder, 'cache');
    await mkdir(cacheFolder, { recursive: true });
    await mkdir(join(folder, WATCHED));
    const store = new MemoryStore('bucket');
    try {
      if (input.kind === 'tar' || input.kind === 'zip') return await unpacked(input, cacheFolder);
      for (const key of (input.keys ?? []) as string[]) await store.put(key, Buffer.from('text\nrow\n'));
      const uri = input.uri as string;
      return await resolveSource(uri, { cacheFolder, baseFolder: join(folder, WATCHED), store });
    } finally {
      const escaped = await outside(folder);
      if (escaped.length) throw new Error(`written outside of the source's folder: ${escaped.join(', ')}`);
    }
  },
};

async function unpacked(input: Readonly<Record<string, unknown>>, cacheFolder: string): Promise<void> {
  const archive = join(cacheFolder, 'archive');
  const target = join(cacheFolder, 'a/b/target');
  await mkdir(target, { recursive: true });
  if (input.kind === 'tar') makeTarball(archive, input.members as Member[]);
  else await writeFile(archive, zipOf(input.members as Member[]));
  if (typeof input.damage === 'number') {
    await writeFile(archive, damaged(await readFile(archive), new Random(input.damage)));
  }
  await (input.kind === 'tar' ? unpackNpm : unpackWheel)(archive, target, 'npm:hostile');
  const beside = [
    ...(await readdir(cacheFolder)),
    ...(await readdir(join(cacheFolder, 'a'))),
    ...(await readdir(join(cacheFolder, 'a/b'))),
  ];
  const more = beside.filter((entry) => !['archive', 'a', 'b', 'target'].includes(entry));
  if (more.length) throw new Error(`written outside of the package's folder: ${more.join(', ')}`);
}
