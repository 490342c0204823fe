import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TemperError, type ChatMessage } from '@temper/contracts';
import { countOption, usageError } from '../failure.js';

export interface PredictFlags {
  readonly file?: string;
  readonly messages?: string;
  readonly system?: string;
  readonly maxTokens?: string;
  /** What the texts are questions about: itself, or a file with it. */
  readonly context?: string;
  readonly contextFile?: string;
}

/** What a model is asked: a text, or a conversation to go on from. */
export interface Asked {
  readonly text: string;
  readonly messages?: readonly ChatMessage[];
}

/** Arguments first, then the lines of `--file`, then the conversations of `--messages`. */
export async function promptsOf(given: readonly string[], flags: PredictFlags): Promise<Asked[]> {
  const texts = [...given, ...(flags.file === undefined ? [] : await linesOf(flags.file))];
  const system = flags.system === undefined ? [] : [{ role: 'system', content: flags.system }];
  const asked = texts.map((text): Asked =>
    system.length ? { text, messages: [...system, { role: 'user', content: text }] } : { text },
  );
  const chats = flags.messages === undefined ? [] : await conversationsOf(flags.messages);
  for (const messages of chats) {
    const all = messages[0]?.role === 'system' ? messages : [...system, ...messages];
    asked.push({ text: all.at(-1)?.content ?? '', messages: all });
  }
  if (asked.length) return asked;
  throw usageError('temper predict', 'there is no text', {
    hint: 'give texts as arguments, --file (- is stdin) or --messages',
  });
}

/** What the questions are about, where it is given. */
export async function contextOf({ context, contextFile }: PredictFlags): Promise<string | undefined> {
  if (context !== undefined && contextFile !== undefined)
    throw usageError('--context', 'is given twice: as a text and as a file');
  return contextFile === undefined ? context : contentOf('--context-file', contextFile);
}

export const maxTokensOf = ({ maxTokens }: PredictFlags): number | undefined =>
  maxTokens === undefined ? undefined : countOption('--max-tokens', maxTokens, 'tokens');

async function linesOf(file: string): Promise<string[]> {
  return (await contentOf('--file', file)).split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** One conversation as a JSON list of messages, or a data file with a column `messages`: read as training data is. */
async function conversationsOf(file: string): Promise<(readonly ChatMessage[])[]> {
  const content = await contentOf('--messages', file);
  const alone = /^\uFEFF?\s*\[\s*\{\s*"(role|content|name|from|value)"/.test(content);
  const folder = await mkdtemp(join(tmpdir(), 'temper-messages-'));
  try {
    const readable = alone ? join(folder, 'messages.json') : file;
    if (alone) await writeFile(readable, `[{"messages": ${content.replace(/^\uFEFF/, '')}}]`);
    const { readExamples } = await import('@temper/data');
    const conversations: (readonly ChatMessage[])[] = [];
    for await (const { messages } of readExamples([readable], { messages: 'messages' }))
      conversations.push(messages ?? []);
    return conversations;
  } catch (error) {
    // What is wrong lies in the user's file, not in our copy of it.
    if (!alone || !(error instanceof TemperError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, path: file }));
    throw new TemperError(error.code, problems, { cause: error });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function contentOf(option: string, file: string): Promise<string> {
  return (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(() => {
    throw usageError(option, 'the file cannot be read', { found: file });
  });
}
