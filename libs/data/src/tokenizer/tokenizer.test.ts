import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeExamples } from './encode-examples.js';
import { openTokenizer } from './local-tokenizer.js';
import { loadTokenizer } from './tokenizer.js';

const goldens = fileURLToPath(new URL('goldens', import.meta.url));
let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-tokenizer-'));
});
afterAll(() => rm(root, { recursive: true }));

interface Changes {
  readonly tokenizer?: Record<string, unknown>;
  readonly template?: string;
}

/** The folder of a model with a tokenizer that was tampered with. */
async function tampered({ tokenizer, template }: Changes): Promise<string> {
  const folder = join(root, String(folders++));
  await cp(join(goldens, 'chat'), folder, { recursive: true });
  const file = join(folder, 'tokenizer.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...json, ...tokenizer }));
  if (template !== undefined) await writeFile(join(folder, 'chat_template.jinja'), template);
  return folder;
}

const replace = (regex: string) => ({
  normalizer: { type: 'Replace', pattern: { Regex: regex }, content: 'z' },
});
const spin = '{% for i in range(100000) %}{% for k in range(100000) %}{% endfor %}{% endfor %}';
const fast = { itemMs: 500, batchMs: 200, openMs: 10_000 };
const user = (content: string) => [{ role: 'user', content }];
const running = () =>
  execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('temper tokenizer'));

describe('a tokenizer in its process', () => {
  it('gives what the one in this process gives', async () => {
    const here = await openTokenizer(join(goldens, 'chat'));
    await using there = await loadTokenizer(join(goldens, 'chat'));
    expect(there).toMatchObject(JSON.parse(JSON.stringify(here)) as object);
    const texts = ['12 apples', '', 'naïve 😀', '\ud800 alone', 'x'.repeat(10_000)];
    const options = { maxLength: 8 };
    expect(await there.encodeBatch(texts, options)).toEqual(await here.encodeBatch(texts, options));
    const examples = [{ prompt: 'What is', completion: ' 12?' }, { text: 'plain' }, { messages: user('hi') }];
    expect(await there.encodeExamples(examples)).toEqual(await encodeExamples(here, examples));
    const refused = [{ messages: [{ role: 'user', content: '', json: '{"role":"user"}' }] }];
    expect(await there.encodeExamples([...refused, ...examples])).toMatchObject([
      { reason: 'templateRefuses', message: expect.stringContaining('refuses it') as string },
      ...(await encodeExamples(here, examples)),
    ]);
    expect(await there.renderChat(user('hi'))).toBe(here.renderChat(user('hi')));
    expect(await there.decode([5, 6, 7])).toBe(await here.decode([5, 6, 7]));
    expect(await there.tokenId('<|im_end|>')).toBe(here.tokenId('<|im_end|>'));
  });

  it('takes more than goes at once, in order', async () => {
    await using tokenizer = await loadTokenizer(join(goldens, 'plain'));
    const texts = Array.from({ length: 700 }, (_, i) => (i === 300 ? 'long '.repeat(300_000) : `apple ${i}`));
    const encoded = await tokenizer.encodeBatch(texts, { maxLength: 100 });
    const here = await openTokenizer(join(goldens, 'plain'));
    expect(encoded).toEqual(await here.encodeBatch(texts, { maxLength: 100 }));
  });

  it('ends with its user, and on the way when it is aborted', async () => {
    const abort = new AbortController();
    const folder = await tampered({ template: spin });
    const tokenizer = await loadTokenizer(folder, { signal: abort.signal });
    expect(running()).toHaveLength(1);
    const rendering = tokenizer.renderChat(user('hi'));
    setTimeout(() => abort.abort(new Error('cancelled by its user')), 100);
    await expect(rendering).rejects.toThrow('cancelled by its user');
    await expect(tokenizer.encode('x')).rejects.toThrow('cancelled by its user');
    await tokenizer[Symbol.asyncDispose]();
    expect(running()).toEqual([]);
  });
});

describe('a hostile tokenizer', () => {
  it('that ends its process at one text: the row is named, the others are tokenised', async () => {
    await using tokenizer = await loadTokenizer(await tampered({ tokenizer: replace('(x+x+)+y') }));
    const texts = ['12 apples', 'x'.repeat(40), 'more'];
    const place = (i: number) => `dataset.train row ${i + 7}`;
    await expect(tokenizer.encodeBatch(texts, { place })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      problems: [
        {
          path: 'dataset.train row 8',
          message: expect.stringMatching(/tokenizer ends its process/) as string,
        },
      ],
    });
    expect(await tokenizer.encode('more')).toEqual(
      await (await openTokenizer(join(goldens, 'chat'))).encodeBatch(['more']).then(([ids]) => ids),
    );
  });

  it('that never ends: the row is named', async () => {
    const folder = await tampered({ tokenizer: replace('^(?:(?:a?){30}a{30}|b){50}$') });
    await using tokenizer = await loadTokenizer(folder, { limits: fast });
    const texts = ['12 apples', 'a'.repeat(2_000), 'more'];
    const outcome = await tokenizer.encodeBatch(texts).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'DATA_INVALID', problems: [{ path: 'text 2' }] });
  });

  it.each([
    [
      'a Precompiled normalizer with broken tables',
      { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAAAP////8=' } },
    ],
    ['ids beyond all bounds', { model: { type: 'WordLevel', vocab: { a: 2 ** 40 }, unk_token: 'a' } }],
    ['a model that is none', { model: 1 }],
  ])('that ends or fails while it is read: %s', async (_, tokenizer) => {
    await expect(loadTokenizer(await tampered({ tokenizer }))).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
    });
  });
});

describe('a hostile template', () => {
  it.each([
    ['takes longer than 0.5 s', spin],
    [
      'takes more than 300 MB of memory',
      '{% set x = namespace(l=[1, 2]) %}{% for i in range(60) %}{% set x.l = x.l + x.l %}{% endfor %}',
    ],
  ])(
    '%s: the row is named at once, and the next conversation is a new process',
    async (message, template) => {
      const folder = await tampered({
        template: `{% if messages[0].content == 'bad' %}${template}{% endif %}ok`,
      });
      await using tokenizer = await loadTokenizer(folder, {
        limits: { ...fast, itemMs: message.includes('MB') ? 20_000 : 500, bytes: 300 * 2 ** 20 },
      });
      const examples = ['good', 'bad', 'good'].map((content) => ({ messages: user(content) }));
      const started = performance.now();
      await expect(tokenizer.encodeExamples(examples)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        problems: [
          { path: 'text 2', message: expect.stringContaining(`chat template ${message}`) as string },
        ],
      });
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(await tokenizer.renderChat(user('good'))).toBe('ok');
    },
  );

  it('nested a hundred thousand deep, or no template at all, is a refusal', async () => {
    for (const template of ['{{' + '('.repeat(100_000), '{% if true %}'.repeat(100_000), '{% for %}']) {
      await using tokenizer = await loadTokenizer(await tampered({ template }));
      await expect(tokenizer.renderChat(user('hi'))).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    }
  });
});
