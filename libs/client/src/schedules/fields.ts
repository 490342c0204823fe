import { DAYS_OF_WEEK, MONTHS } from '@temporalio/client';

/** Inclusive; `step` of 1 is every value. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

interface Field {
  readonly min: number;
  readonly max: number;
  /** Names of the values, the first being `first`. */
  readonly names?: readonly string[];
}

/** The fields of a moment, as cron expressions and calendars both write them. */
export const fields = {
  second: { min: 0, max: 59 },
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: MONTHS },
  year: { min: 2000, max: 2100 },
  // Cron's second Sunday: 7.
  dayOfWeek: { min: 0, max: 7, names: DAYS_OF_WEEK },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof fields;

/** `*`, `5`, `1-5`, `Mon-Fri`, `5/15`, `0-30/10`, and lists of them; a text says what is wrong. */
export function spansOf(name: FieldName, text: string): Span[] | string {
  const spans: Span[] = [];
  for (const item of text.split(',').map((s) => s.trim())) {
    const span = spanOf(name, item);
    if (!span) return `"${item}" is no ${wordsOf(name)}`;
    if (span.end < span.start) return `"${item}" goes backwards`;
    spans.push(span);
  }
  return spans;
}

function spanOf(name: FieldName, item: string): Span | undefined {
  const field: Field = fields[name];
  const [range = '', step = '1', ...more] = item.split('/');
  const [from = '', to, ...rest] = range.split('-');
  if (more.length || rest.length || !/^\d+$/.test(step) || Number(step) < 1) return undefined;
  const start = from === '*' ? field.min : valueOf(field, from);
  // `5/15` goes on to the end, as in every cron.
  const openEnd = from === '*' || item.includes('/') ? last(name) : start;
  const end = to === undefined ? openEnd : valueOf(field, to);
  return start === undefined || end === undefined ? undefined : { start, end, step: Number(step) };
}

const last = (name: FieldName) => (name === 'dayOfWeek' ? 6 : fields[name].max);

function valueOf({ min, max, names }: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= min && Number(text) <= max ? Number(text) : undefined;
  if (!names || text.length < 3) return undefined;
  const index = names.findIndex((name) => name.startsWith(text.toUpperCase()));
  return index < 0 ? undefined : index + min;
}

/** `hour (0-23)` */
function wordsOf(name: FieldName): string {
  const { min, max, names }: Field = fields[name];
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words} (${min}-${max}${names ? ` or ${names[0]!.slice(0, 3)}…` : ''})`;
}
