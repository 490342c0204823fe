import { IGNORED_LABEL, type ChatMessage } from '@temper/contracts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeExamples } from './encode-examples.js';
import { encodeSegments } from './encode-segments.js';
import { openTokenizer } from './local-tokenizer.js';

const goldenFolder = fileURLToPath(new URL('goldens', import.meta.url));
interface Golden {
  text: string;
  ids: number[];
  bare: number[];
  first8: number[];
  decoded: string;
}
interface Conversation {
  messages: ChatMessage[];
  ids: number[];
  labels: number[];
}
type Goldens = Record<'chat' | 'plain' | 'bert', Golden[]> & { conversations: Conversation[] };
const goldens = JSON.parse(await readFile(join(goldenFolder, 'goldens.json'), 'utf8')) as Goldens;
const open = (name: string) => openTokenizer(join(goldenFolder, name));

describe.each(['chat', 'plain', 'bert'] as const)('the tokenizer %s, against Python', (name) => {
  const texts = goldens[name].map(({ text }) => text);

  it('gives the same ids, with and without special tokens', async () => {
    const tokenizer = await open(name);
    expect(await tokenizer.encodeBatch(texts)).toEqual(goldens[name].map(({ ids }) => ids));
    const bare = await tokenizer.encodeBatch(texts, { addSpecialTokens: false });
    expect(bare).toEqual(goldens[name].map((golden) => golden.bare));
    expect(await tokenizer.encodeBatch([texts[2]!])).toEqual([goldens[name][2]!.ids]);
  });

  it('cuts to maxLength as Python does: the closing special token stays', async () => {
    const tokenizer = await open(name);
    expect(await tokenizer.encodeBatch(texts, { maxLength: 8 })).toEqual(
      goldens[name].map(({ first8 }) => first8),
    );
  });

  it('cuts a long text as it cuts the whole of it', async () => {
    const tokenizer = await open(name);
    const long = [
      texts.join(' ').repeat(40),
      `${'x'.repeat(5000)} end`,
      `${'\n'.repeat(3000)}12 apples`,
      ' '.repeat(4000),
    ];
    const whole = await tokenizer.encodeBatch(long, { addSpecialTokens: false });
    const { prefix, suffix } = tokenizer.affixes;
    const room = 20 - prefix.length - suffix.length;
    const wanted = whole.map((ids) => [...prefix, ...ids.slice(0, room), ...suffix]);
    expect(await tokenizer.encodeBatch(long, { maxLength: 20 })).toEqual(wanted);
  });

  it('decodes as Python does', async () => {
    const tokenizer = await open(name);
    for (const { ids, decoded } of goldens[name]) expect(await tokenizer.decode(ids)).toBe(decoded);
  });
});

describe('openTokenizer', () => {
  it('finds the special tokens, written as text or as objects', async () => {
    expect(await open('chat')).toMatchObject({ eosTokenId: 2, padTokenId: 2, bosTokenId: 1 });
    expect(await open('plain')).toMatchObject({ eosTokenId: 0, padTokenId: 0, bosTokenId: undefined });
    expect(await open('bert')).toMatchObject({ padTokenId: 0, affixes: { prefix: [2], suffix: [3] } });
  });

  it('says which file is absent or damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-tokenizer-'));
    try {
      await expect(openTokenizer(folder)).rejects.toThrow(/no tokenizer.json/);
      await writeFile(join(folder, 'tokenizer.json'), '{"model": 1}');
      await expect(openTokenizer(folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('prefers chat_template.jinja, and takes the default one of several', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-tokenizer-'));
    try {
      const plain = await readFile(join(goldenFolder, 'plain', 'tokenizer.json'));
      await writeFile(join(folder, 'tokenizer.json'), plain);
      const several = [
        { name: 'tool_use', template: 'tools' },
        { name: 'default', template: 'plain' },
      ];
      await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: several }));
      expect((await openTokenizer(folder)).chatTemplate).toBe('plain');
      await writeFile(join(folder, 'chat_template.jinja'), '{{ messages[0].content }}!');
      expect((await openTokenizer(folder)).renderChat([{ role: 'user', content: 'hi' }])).toBe('hi!');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('completion-only labels', () => {
  it('count every assistant message with its closing, as transformers tokenises the conversation', async () => {
    const encoded = await encodeExamples(await open('chat'), goldens.conversations);
    expect(encoded).toMatchObject(
      goldens.conversations.map(({ ids, labels }) => ({ inputIds: ids, labels })),
    );
  });

  it('write a prompt and completion as user and assistant where there is a template, else one after the other', async () => {
    const example = { prompt: 'What is', completion: ' 12?' };
    const encode = async (name: string) => {
      const tokenizer = await open(name);
      const [encoded] = await encodeExamples(tokenizer, [example]);
      const { inputIds, labels } = encoded as { inputIds: number[]; labels: number[] };
      const learnt = inputIds.filter((_, t) => labels[t] !== IGNORED_LABEL);
      return { tokenizer, learnt };
    };
    const chat = await encode('chat');
    expect(await chat.tokenizer.decode(chat.learnt, { skipSpecialTokens: false })).toBe(' 12?<|im_end|>\n');
    const plain = await encode('plain');
    const [answer] = await plain.tokenizer.encodeBatch([' 12?']);
    expect(plain.learnt).toEqual([...answer!, plain.tokenizer.eosTokenId]);
  });

  it('are for the tokens of the whole text, where tokens begin with its parts', async () => {
    // This tokenizer puts a space before every text, which a completion on its own must not get.
    const tokenizer = await open('plain');
    const parts = ['What is the capital of', '\nFrance? 😀', ' Paris'];
    const [encoded] = await encodeSegments(tokenizer, [parts.map((text, i) => ({ text, counted: i === 1 }))]);
    expect([encoded!.inputIds]).toEqual(await tokenizer.encodeBatch([parts.join('')]));
    const learnt = encoded!.labels.filter((label) => label !== IGNORED_LABEL);
    expect(await tokenizer.decode(learnt)).toBe(parts[1]);
  });

  it('tokenise apart what one token would join: an answer that goes on within a word', async () => {
    const tokenizer = await open('chat');
    const parts = ['The cap', 'ital 😀 of'];
    const [joined] = await tokenizer.encodeBatch([parts.join('')]);
    const apart = await tokenizer.encodeBatch(parts);
    expect(joined).not.toEqual(apart.flat());
    const segments = parts.map((text, i) => ({ text, counted: i === 1 }));
    expect(await encodeSegments(tokenizer, [segments])).toEqual([
      { inputIds: apart.flat(), labels: [...apart[0]!.map(() => IGNORED_LABEL), ...apart[1]!] },
    ]);
  });

  it("pass on a template's own refusal", async () => {
    const tokenizer = { ...(await open('chat')) };
    await expect(async () =>
      tokenizer.renderChat([{ role: 'user', content: '', json: '{"role":"user"}' }]),
    ).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });
});
