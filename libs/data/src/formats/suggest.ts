import type { Task } from '@temper/contracts';
import type { Columns } from '@temper/spec';

/** Names that columns have elsewhere, the likeliest first. */
const likely = {
  text: ['text', 'sentence', 'content', 'body', 'review', 'comment', 'tweet', 'post', 'email', 'document'],
  label: ['label', 'labels', 'class', 'category', 'sentiment', 'target', 'intent', 'topic', 'tag', 'rating'],
  prompt: [
    'prompt',
    'question',
    'instruction',
    'query',
    'input',
    'user',
    'human',
    'source',
    'article',
    'context',
  ],
  completion: [
    'completion',
    'response',
    'answer',
    'output',
    'assistant',
    'reply',
    'target',
    'summary',
    'bot',
    'answers',
    'highlights',
    'chosen',
  ],
  messages: ['messages', 'conversations', 'conversation', 'dialog', 'dialogue', 'chat', 'turns', 'items'],
  input: ['input', 'context', 'passage'],
} as const;

/** What numbers rows and is not learnt from. */
const isIndex = (name: string) =>
  /^(id|idx|index|uuid|guid|url|title|.*[_-]id|unnamed: \d+|__index_level_\d+__|column\d+)$/i.test(name);

/** `{text: body, label: sentiment}` */
export const columnsInWords = (columns: Columns): string =>
  `{${Object.entries(columns)
    .map(([field, name]) => `${field}: ${quoted(name as string)}`)
    .join(', ')}}`;

/** `dataset.columns: {text: body, label: sentiment}` */
export const lineOf = (columns: Columns): string => `dataset.columns: ${columnsInWords(columns)}`;

/** As YAML takes it. */
const quoted = (name: string) => (/^[A-Za-z_][\w-]*$/.test(name) ? name : JSON.stringify(name));

/** The line that a spec most probably needs for columns of these names. */
export function suggestedLine(given: readonly string[], task: Task | undefined): string {
  const some = given.filter((name) => !isIndex(name));
  const names = some.length ? some : given;
  const words = names.find((name) => /^(tokens|words)$/i.test(name));
  const tags = names.find((name) => /(^|_)(tags?|ner|labels?)$/i.test(name));
  if (task === 'token-classification' || (words && tags))
    return lineOf({ tokens: words ?? '…', tags: tags ?? '…' });
  const ids = names.find((name) => /^(input_?ids|tokens)$/i.test(name));
  if (ids) return lineOf({ inputIds: ids, labels: likeliest(names, 'label') ?? ids });
  const areTexts = task === 'sequence-classification' || task === 'masked-lm';
  return lineOf((!areTexts && textPairs(names)) || labelledText(names, task));
}

/** The name that is likeliest for a field, but for one that is taken. */
function likeliest(names: readonly string[], field: keyof typeof likely, taken?: string): string | undefined {
  const scored = names
    .filter((name) => name !== taken)
    .map((name) => [name, scoreOf(name, likely[field])] as const)
    .filter(([, score]) => score > 0)
    .sort(([, a], [, b]) => b - a);
  return scored[0]?.[0];
}

/** Conversations, or prompts and what is to follow them; a text with a label is likelier than these. */
function textPairs(names: readonly string[]): Columns | undefined {
  const chat = likeliest(names, 'messages');
  if (chat) return { messages: chat };
  const prompt = likeliest(names, 'prompt');
  const completion = likeliest(names, 'completion', prompt);
  const text = likeliest(names, 'text');
  if (!prompt || !completion || (text && likeliest(names, 'label', text))) return undefined;
  const input = prompt === 'instruction' ? likeliest(names, 'input', completion) : undefined;
  return input ? { instruction: prompt, input, output: completion } : { prompt, completion };
}

function labelledText(names: readonly string[], task: Task | undefined): Columns {
  const text = likeliest(names, 'text');
  const label = likeliest(names, 'label', text);
  if (task === 'masked-lm') return { text: text ?? names[0]! };
  if (text && (label || task !== 'causal-lm')) {
    return { text, label: label ?? names.find((name) => name !== text) ?? 'label' };
  }
  if (task === 'causal-lm') {
    return text ? { text } : { prompt: names[0]!, completion: names[1] ?? '…' };
  }
  const other = names.find((name) => name !== label);
  return { text: other ?? '…', label: label ?? names[1] ?? '…' };
}

/** A name itself is likelier than one that contains it. */
function scoreOf(name: string, known: readonly string[]): number {
  const small = name.toLowerCase();
  const place = known.indexOf(small);
  if (place >= 0) return 100 - place;
  const within = known.findIndex((word) => small.split(/[^a-z]+/).includes(word));
  return within >= 0 ? 50 - within : 0;
}
