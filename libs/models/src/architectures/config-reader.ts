import type { Problem } from '@temper/contracts';
import { shown } from '../formats/messages.js';
import type { HfConfig } from './family.js';
import { commonFields, foreignFields, type Fields } from './fields.js';

/** A text that would look like a number or a truth value in a message. */
const likeOther = /^(true|false|null|[-+.]?\d.*)$/;

/** Reads a config.json field by field, by the table of its family, and collects what is wrong. */
export class ConfigReader {
  readonly problems: Problem[] = [];
  private readonly fields: Fields;

  constructor(
    readonly config: HfConfig,
    own: Fields,
  ) {
    this.fields = { ...foreignFields, ...commonFields, ...own };
    for (const [name, field] of Object.entries(this.fields)) {
      const found = config[name] ?? null;
      // null is how a configuration says that it does without.
      if (field.use !== 'only' || found === null || field.values.some((value) => same(value, found)))
        continue;
      this.report(name, 'is not supported', found, field.values.map(shown).join(', '));
    }
  }

  /** The file's value, or transformers' where the file has none; a null that is there is not absent. */
  value(name: string): unknown {
    const field = this.fields[name];
    if (!field || field.use === 'none') throw new TypeError(`${name} is not read by the table of the family`);
    return this.config[name] === undefined ? field.absent : this.config[name];
  }

  positiveInteger(name: string): number {
    const value = this.value(name);
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    this.report(name, 'must be a positive whole number', value);
    return 1;
  }

  /** A row of the table of tokens. */
  tokenId(name: string, vocabulary: number): number {
    const value = this.value(name);
    if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < vocabulary)
      return value as number;
    this.report(name, 'must be the number of a token', value, `0 to ${vocabulary - 1}`);
    return 0;
  }

  /** The row of the table of tokens that torch's Embedding takes for padding: from the end where it is negative, or none. */
  paddingRow(vocabulary: number): number | undefined {
    const value = this.value('pad_token_id');
    if (!Number.isSafeInteger(value)) return undefined;
    const row = (value as number) < 0 ? (value as number) + vocabulary : (value as number);
    return row >= 0 && row < vocabulary ? row : undefined;
  }

  positiveNumber(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    this.report(name, 'must be a positive number', value);
    return 1;
  }

  /** A dropout rate: from 0 to less than 1. */
  rate(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && value >= 0 && value < 1) return value;
    this.report(name, 'must be a number from 0 to less than 1', value);
    return 0;
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') this.report(name, 'must be true or false', value);
    return value === true;
  }

  /** One of the names that are implemented. */
  choice<T extends string>(name: string, allowed: Readonly<Record<T, unknown>>): T {
    const value = this.value(name);
    if (typeof value === 'string' && Object.hasOwn(allowed, value)) return value as T;
    const names = Object.keys(allowed);
    this.report(name, 'is not supported', value, names.join(', '));
    return names[0] as T;
  }

  /** Whether the field is null, or absent where transformers' value is null. */
  isNull(name: string): boolean {
    return this.value(name) === null;
  }

  report(name: string, message: string, found: unknown, allowed?: string): void {
    this.problems.push({
      path: name,
      message,
      found: typeof found === 'string' && likeOther.test(found) ? `the text ${shown(found)}` : shown(found),
      ...(allowed ? { allowed } : {}),
    });
  }

  result<C>(settings: C): { settings: C } | { problems: Problem[] } {
    return this.problems.length ? { problems: this.problems } : { settings };
  }
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
