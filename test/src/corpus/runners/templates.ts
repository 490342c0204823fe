import { IGNORED_LABEL, TemperError } from '@temper/contracts';
import { promptedExamples, readExamples } from '@temper/data';
import { LeftOut } from '@temper/data/tokenizer/chat/left-out';
import { encodeExamples } from '@temper/data/tokenizer/encode-examples';
import { openTokenizer } from '@temper/data/tokenizer/local-tokenizer';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runner } from '../case.js';

const tokenizers = fileURLToPath(
  new URL('../../../../libs/data/src/tokenizer/goldens/chat', import.meta.url),
);

/**
 * What a chat template makes of the conversations: digests of ids, of labels and of what a model is asked with, and the text that
 * is learnt; or why one is left out. Committed templates have `{% generation %}` round what is learnt, which is taken out here (but for `own-`).
 */
export const templates: Runner = async (_, files) => {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-template-'));
  try {
    const template = files.find((file) => file.endsWith('.jinja'))!;
    const conversations = files.find((file) => file.endsWith('conversations.json'))!;
    const source = await readFile(template, 'utf8');
    const publics = files.find((file) => file.endsWith('public.json'));
    if (publics) await isThatVersion(template, source, publics);
    await cp(tokenizers, folder, { recursive: true });
    await writeFile(
      join(folder, 'chat_template.jinja'),
      basename(template).startsWith('own-') ? source : unmarked(source),
    );
    const tokenizer = await openTokenizer(folder);
    const names = JSON.parse(await readFile(conversations, 'utf8')) as { name: string }[];
    const outcomes: Record<string, unknown> = {};
    for await (const example of readExamples([conversations], { messages: 'messages' })) {
      const [encoded] = await encodeExamples(tokenizer, [example]);
      const { name } = names[Object.keys(outcomes).length]!;
      if (encoded instanceof TemperError) throw encoded;
      if (encoded instanceof LeftOut) outcomes[name] = { left: encoded.reason, why: encoded.message };
      else {
        const { inputIds, labels } = encoded!;
        const learnt = labels.filter((label) => label !== IGNORED_LABEL);
        outcomes[name] = {
          ids: digest(inputIds),
          labels: digest(labels),
          prompt: digest(promptOf(inputIds, labels)),
          learnt: await tokenizer.decode(learnt, { skipSpecialTokens: false }),
        };
      }
    }
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Makers publish new versions of a template, which are other templates. */
async function isThatVersion(template: string, source: string, publics: string): Promise<void> {
  const known = JSON.parse(await readFile(publics, 'utf8')) as { file: string; sha256: string }[];
  const wanted = known.find(({ file }) => template.endsWith(file))?.sha256;
  const found = createHash('sha256').update(source).digest('hex');
  if (found !== wanted) throw new Error(`${template} has sha256 ${found}, and ${wanted} was looked for`);
}

/** What a text is generated for at the evaluation. */
function promptOf(inputIds: readonly number[], labels: readonly number[]): readonly number[] {
  const rows = {
    labelKind: 'token',
    inputIds: Int32Array.from(inputIds),
    labels: Int32Array.from(labels),
    offsets: Int32Array.of(0, inputIds.length),
  } as const;
  return promptedExamples(rows, 1)[0]?.prompt ?? [];
}

const unmarked = (source: string) =>
  source.replaceAll('{%- generation %}{{', '{{-').replace(/\{% (end)?generation %\}/g, '');

const digest = (ids: readonly number[]) =>
  createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 16);
