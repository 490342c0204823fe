import { chatRoles, jsonTokens, type ChatMessage } from '@temper/contracts';
import { Nested, type Cell } from './cell.js';
import { fromShareGpt, isShareGpt } from './share-gpt.js';
import { WrongType } from './wrong-type.js';

const wanted = 'a list of {role, content}';

/** What a message may have in place of content and tool calls. */
const says = ['function_call', 'reasoning_content', 'thinking'];

/**
 * The messages of a conversation, from a list or its JSON text: OpenAI's and transformers' form, or ShareGPT's. A message of
 * more than a role and a text keeps its JSON as it is written, for the chat template; `weight: 0` or `train: false` is an
 * answer not to learn. @throws WrongType
 */
export function readMessages(cell: Cell): ChatMessage[] {
  if (cell === null) return [];
  const given = listOf(cell, wanted);
  const sources = elementsOf(jsonOf(cell));
  return given.map((of, i) => {
    const message = fromShareGpt(of);
    return readMessage(message, message === of ? sources[i]! : JSON.stringify(message), i + 1);
  });
}

/** Whether a cell is a list of messages, and not a text that looks like JSON. */
export function isConversation(cell: Cell): boolean {
  if (cell === null || !/^\s*\[\s*\{/.test(jsonOf(cell))) return false;
  try {
    return listOf(cell, wanted).every(
      (message) => typeof (message as { role?: unknown } | null)?.role === 'string' || isShareGpt(message),
    );
  } catch (error) {
    if (error instanceof WrongType) return false;
    throw error;
  }
}

/** The tools of a conversation, as JSON text; undefined where there are none. @throws WrongType */
export function readTools(cell: Cell): string | undefined {
  if (cell === null || ['', 'null'].includes(jsonOf(cell).trim())) return undefined;
  const allowed = 'a list of tools, each a JSON schema as transformers takes them';
  const tools = listOf(cell, allowed);
  if (!tools.every((tool) => typeof tool === 'object' && tool && !Array.isArray(tool))) {
    throw new WrongType(allowed);
  }
  return tools.length ? jsonOf(cell) : undefined;
}

const jsonOf = (cell: string | Nested): string => (cell instanceof Nested ? cell.json : cell);

function listOf(cell: string | Nested, allowed: string): unknown[] {
  try {
    const value = JSON.parse(jsonOf(cell)) as unknown;
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  const printed = /^\s*\[\s*\{\s*'/.test(jsonOf(cell));
  throw new WrongType(allowed, printed ? { hint: 'is it printed by Python? json.dumps writes JSON' } : {});
}

function readMessage(message: unknown, source: string, place: number): ChatMessage {
  const fields = (message ?? {}) as Record<string, unknown>;
  const where = `message ${place}`;
  const role = roleOf(fields, where);
  const content = contentOf(fields, where);
  const { role: _, content: given, tool_calls: calls, weight, ...others } = fields;
  if (calls !== undefined && calls !== null && !Array.isArray(calls)) {
    throw new WrongType('a list of calls', { found: `tool_calls of ${where}` });
  }
  const counted = role !== 'assistant' || isCounted(weight, others, where);
  const more = [calls, weight, ...Object.values(others)].some(isSaid);
  const plain = typeof given === 'string' && !more;
  return { role, content, ...(plain ? {} : { json: source }), ...(counted ? {} : { counted }) };
}

const isSaid = (value: unknown) => value !== undefined && value !== null;

function roleOf(fields: Readonly<Record<string, unknown>>, where: string): string {
  const { role } = fields;
  if (typeof role !== 'string') throw new WrongType(wanted, { found: `${where} has no role` });
  // What it says under another name would be lost.
  const calls = fields.tool_calls as readonly unknown[] | null | undefined;
  if (fields.content === undefined && !calls?.length && !says.some((name) => isSaid(fields[name]))) {
    const names = Object.keys(fields).slice(0, 10).join(', ');
    throw new WrongType(wanted, { found: `${where} has no content, but ${names}` });
  }
  if ((chatRoles as readonly string[]).includes(role)) return role;
  const found = `${JSON.stringify(role)} in ${where}`;
  throw new WrongType(chatRoles.join(', '), { message: 'unknown role', found });
}

function contentOf({ content }: Readonly<Record<string, unknown>>, where: string): string {
  const text = contentText(content);
  if (text !== undefined) return text;
  const allowed = 'a text, null, or a list of parts like {type: text, text}';
  throw new WrongType(allowed, { found: `the content of ${where}` });
}

/** By which an answer is told not to learn: OpenAI's, Axolotl's, ms-swift's names, and those that say the contrary. */
const learnt = ['train', 'training', 'trainable', 'loss'];
const notLearnt = ['masked', 'mask'];
const byPieces = ['train_detail', 'training_detail'];

function isCounted(weight: unknown, marks: Readonly<Record<string, unknown>>, where: string): boolean {
  if (![undefined, null, 0, 1].includes(weight as number)) {
    throw new WrongType('0 (not learnt) or 1', { found: `weight ${JSON.stringify(weight)} of ${where}` });
  }
  for (const name of [...learnt, ...notLearnt]) {
    const value = marks[name];
    if (value === undefined || value === null || typeof value === 'boolean') continue;
    throw new WrongType('true or false', { found: `${name} ${JSON.stringify(value)} of ${where}` });
  }
  const piece = byPieces.find((name) => marks[name] != null);
  if (piece) throw new WrongType('whole answers, learnt or not', { found: `${piece} of ${where}` });
  return (
    weight !== 0 &&
    !learnt.some((name) => marks[name] === false) &&
    !notLearnt.some((name) => marks[name] === true)
  );
}

/** The text of a content: itself, none, or its parts' (those of other kinds have none). */
function contentText(content: unknown): string | undefined {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || !content.every((part) => typeof part === 'object' && part)) return undefined;
  return content.map(({ text }: { text?: unknown }) => (typeof text === 'string' ? text : '')).join('');
}

/** The elements of a list in JSON, each as it is written there. */
function elementsOf(json: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { token, index } of jsonTokens(json)) {
    if (token === '[' || token === '{') {
      if (++depth === 1) start = index + 1;
    } else if (token === ']' || token === '}') depth--;
    const ends = token === ',' ? depth === 1 : token === ']' && depth === 0;
    if (!ends) continue;
    elements.push(json.slice(start, index).trim());
    start = index + 1;
  }
  return elements;
}
