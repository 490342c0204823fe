import fc from 'fast-check';
import type { TemperError } from '@temper/contracts';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackNpm } from '../fetch/tarball.js';
import { unpackWheel } from '../fetch/wheel.js';
import { makeTarball, makeZip, type Member } from '../testing/archives.js';
import { placeIn } from './place.js';

const part = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    'b.csv',
    '~',
    'C:',
    '\\',
    '..\\..',
    ' ',
    '-',
    '\0',
    '%2e%2e',
    '\u2025',
    'é',
    'e\u0301',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const name = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));

describe('a file of a source', () => {
  it('lies in its folder, or is refused by name', () => {
    let placed = 0;
    fc.assert(
      fc.property(name, (given) => {
        try {
          const path = placeIn('/cache/source', given, 's3://b/x');
          expect(path.startsWith(`/cache/source${sep}`)).toBe(true);
          expect(resolve(path)).toBe(path);
          expect(path.slice('/cache/source/'.length)).toBe(given);
          placed++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_REFUSED' });
          const { message } = error as TemperError;
          expect(message).not.toMatch(/\p{Cc}/u);
          expect(Buffer.byteLength(message)).toBeLessThan(4096);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(placed).toBeGreaterThan(100);
  });
});

describe('a package', () => {
  let folder: string;
  let number = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-place-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function unpacked(kind: 'npm' | 'wheel', members: readonly Member[]) {
    const target = join(folder, String(++number), 'a', 'b', 'target');
    const archive = join(folder, `${number}.archive`);
    await mkdir(target, { recursive: true });
    (kind === 'npm' ? makeTarball : makeZip)(archive, members);
    const error = await (kind === 'npm' ? unpackNpm : unpackWheel)(archive, target, 'npm:evil').catch(
      (e: unknown) => e,
    );
    const all = await readdir(join(folder, String(number)), { recursive: true });
    const outside = all.filter((path) => !'a/b/target'.startsWith(path) && !path.startsWith('a/b/target/'));
    expect(outside).toEqual([]);
    return { error, files: (await readdir(target, { recursive: true })).sort() };
  }

  it.each<[string, Member[]]>([
    ['a member above it', [{ name: 'package/../../../evil.csv', content: 'x' }]],
    ['an absolute member', [{ name: 'package//etc/evil', content: 'x' }]],
    ['a symbolic link', [{ name: 'package/link', type: 'SymbolicLink', link: '/etc/hostname' }]],
    ['a link inside it', [{ name: 'package/link', type: 'SymbolicLink', link: 'data.csv' }]],
    [
      'a write through a link',
      [
        { name: 'package/d', type: 'SymbolicLink', link: '../../..' },
        { name: 'package/d/evil.csv', content: 'x' },
      ],
    ],
    ['a hard link', [{ name: 'package/link', type: 'Link', link: '/etc/hostname' }]],
    ['a device', [{ name: 'package/null', type: 'CharacterDevice' }]],
    ['a pipe', [{ name: 'package/pipe', type: 'FIFO' }]],
  ])('of npm with %s is refused', async (_, members) => {
    const { error, files } = await unpacked('npm', [{ name: 'package/a.csv', content: 'a' }, ...members]);
    expect(error).toMatchObject({ code: 'SOURCE_REFUSED' });
    expect(files.filter((file) => file !== 'a.csv')).toEqual([]);
  });

  it.each<[string, Member[]]>([
    ['a member above it', [{ name: '../../../evil.csv', content: 'x' }]],
    ['one deeper', [{ name: 'a/../../evil.csv', content: 'x' }]],
    ['an absolute member', [{ name: '/tmp/evil', content: 'x' }]],
    ['a script above it', [{ name: 'x-1.data/scripts/../../../evil', content: 'x' }]],
    ['data above it', [{ name: 'x-1.data/data/../../evil', content: 'x' }]],
    ['a link', [{ name: 'link', link: '/etc/hostname', mode: 0o120777 }]],
    ['a device', [{ name: 'null', mode: 0o020666 }]],
    ['one name twice', [{ name: 'a.csv', content: 'b' }]],
  ])('of PyPI with %s is refused', async (_, members) => {
    const { error, files } = await unpacked('wheel', [{ name: 'a.csv', content: 'a' }, ...members]);
    expect(error).toMatchObject({ code: 'SOURCE_REFUSED' });
    expect(files.filter((file) => !['a.csv', 'a'].includes(file))).toEqual([]);
  });

  it('that is a plain one is unpacked; entry points write nothing', async () => {
    const npm = await unpacked('npm', [
      { name: 'package/d/a.csv', content: 'a' },
      { name: 'other/b.csv', content: 'b' },
    ]);
    expect(npm).toEqual({ error: undefined, files: ['b.csv', 'd', 'd/a.csv'] });
    const { error, files } = await unpacked('wheel', [
      { name: 'm/a.csv', content: 'a' },
      { name: 'x-1.data/scripts/run', content: '#!' },
      { name: 'x-1.data/purelib/m/b.csv', content: 'b' },
      { name: 'x-1.dist-info/entry_points.txt', content: '[console_scripts]\n../../../evil = m:main\n' },
    ]);
    expect(error).toBeUndefined();
    expect(files).toEqual([
      'bin',
      'bin/run',
      'm',
      'm/a.csv',
      'm/b.csv',
      'x-1.dist-info',
      'x-1.dist-info/entry_points.txt',
    ]);
  });
});
