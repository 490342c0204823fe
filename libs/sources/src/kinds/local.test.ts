import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSource } from '../resolve-source.js';
import { nameIn } from '../source.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-local-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(...names: string[]) {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), name);
  }
}
const resolved = (uri: string) =>
  resolveSource(uri, { baseFolder: folder, cacheFolder: join(folder, 'cache') });
const names = async (uri: string) => {
  const found = await resolved(uri);
  return found.files.map((file) => nameIn(found.folder, file));
};

describe('a name with special characters', () => {
  const odd = [
    'set[1].csv',
    'a*b.csv',
    'a?b.csv',
    'a{1,2}.csv',
    '[',
    '100%.csv',
    'a#b.csv',
    'u%41.csv',
    'w[',
    '+.csv',
    ' a b .csv',
    'é.csv',
    'e\u0301.csv',
    'a\\b.csv',
    'npm:x.csv',
    "it's.csv",
    '-r',
    '$(x).csv',
    'a\nb.csv',
  ];
  it.each(odd)('%j is that very file', async (name) => {
    await write(`odd/${name}`, 'odd/set1.csv', 'odd/a1b.csv', 'odd/a1.csv', 'odd/uA.csv');
    const { files, digest } = await resolved(`odd/${name}`);
    expect(await readFile(files[0]!, 'utf8')).toBe(`odd/${name}`);
    expect(files).toEqual([join(folder, 'odd', name)]);
    expect(
      (
        await resolved(
          `file://${encodeURI(join(folder, 'odd', name))
            .replaceAll('#', '%23')
            .replaceAll('?', '%3F')}`,
        )
      ).digest,
    ).toBe(digest);
  });

  it('in a folder is no pattern, in front of a pattern either', async () => {
    await write('f[1]/x.csv', 'f1/y.csv', 'g*/{a}/x.csv', 'gg/{a}/y.csv', 'label=x/a.csv', 'label=y/a.csv');
    expect(await names('f[1]/*.csv')).toEqual(['x.csv']);
    expect(await names('f[1]')).toEqual(['x.csv']);
    expect(await names('g*/{a}/*.csv')).toEqual(['x.csv']);
    expect(await names('label=x/*.csv')).toEqual(['a.csv']);
    expect(await names('f[12]/*.csv')).toEqual(['y.csv']);
  });
});

describe('links', () => {
  it("are followed: the layout of Hugging Face's cache is that of a model", async () => {
    await write('hub/blobs/1', 'hub/blobs/2', 'hub/blobs/3');
    await mkdir(join(folder, 'hub/snapshots/rev'), { recursive: true });
    for (const [i, name] of ['config.json', 'model.safetensors', 'tokenizer.json'].entries()) {
      await symlink(`../../blobs/${i + 1}`, join(folder, 'hub/snapshots/rev', name));
    }
    expect(await names('hub/snapshots/rev')).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
    expect(await names('hub/snapshots/rev/*.json')).toEqual(['config.json', 'tokenizer.json']);
    expect(await names('hub/snapshots/rev/config.json')).toEqual(['config.json']);
    await rm(join(folder, 'hub/blobs/2'));
    await expect(resolved('hub/snapshots/rev')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resolved('hub/snapshots/rev')).rejects.toThrow(
      /model\.safetensors: a link that leads nowhere/,
    );
  });

  it('that lead back, to each other or to and fro end', async () => {
    await write('loop/a.csv', 'loop/d/b.csv');
    await symlink('..', join(folder, 'loop/d/up'));
    await symlink('self', join(folder, 'loop/self'));
    await symlink(folder, join(folder, 'loop/out'));
    expect(await names('loop/**/*.csv')).toContain('d/b.csv');
    const found = (await resolved('loop/**/a.csv')).files;
    expect(found.filter((file) => file.endsWith('loop/a.csv'))).toHaveLength(1);
    await expect(resolved('loop/self')).rejects.toThrow(/leads to itself/);
    // 2^20 ways to one file.
    await write('fan/20/x.csv');
    for (let i = 0; i < 20; i++) {
      await mkdir(join(folder, `fan/${i}`), { recursive: true });
      for (const way of ['l', 'r']) await symlink(`../${i + 1}`, join(folder, `fan/${i}/${way}`));
    }
    const started = performance.now();
    expect(await names('fan/0/**/*.csv')).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

it('pipes, sockets and devices are passed over, and refused where they are named', async () => {
  await write('special/a.csv');
  execFileSync('mkfifo', [join(folder, 'special/pipe.csv')]);
  const server = createServer().listen(join(folder, 'special/s.csv'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await names('special/*.csv')).toEqual(['a.csv']);
  expect(await names('special')).toEqual(['a.csv']);
  for (const name of ['special/pipe.csv', 'special/s.csv', '/dev/zero']) {
    await expect(resolved(name)).rejects.toThrow(/neither a file nor a folder/);
  }
  server.close();
});

it.skipIf(process.platform !== 'linux')(
  'what the kernel makes up is no data, however it is named',
  async () => {
    const refused = {
      code: 'DATA_INVALID',
      problems: [{ message: expect.stringContaining('kernel') as string }],
    };
    // Whoever read the first would wait for the kernel's next word.
    for (const uri of ['/proc/kmsg', '/proc/self/maps', '/proc', '/sys/kernel']) {
      await expect(resolved(uri), uri).rejects.toMatchObject(refused);
    }
    await mkdir(join(folder, 'kernel'));
    await writeFile(join(folder, 'kernel/a.csv'), 'text\na\n');
    await symlink('/proc', join(folder, 'kernel/all'));
    expect(await names('kernel/**/*')).toEqual(['a.csv']);
    await symlink('/proc/kmsg', join(folder, 'kernel/b.csv'));
    expect(await names('kernel')).toEqual(['a.csv']);
  },
);
