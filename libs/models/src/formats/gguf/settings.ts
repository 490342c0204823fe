import { TemperError } from '@temper/contracts';
import { shortestFloat32 } from '../floats.js';
import { shown } from '../messages.js';
import type { GgufFile } from './reader.js';

/** The metadata of one architecture, whose keys begin with its name. */
export class GgufSettings {
  constructor(
    readonly file: GgufFile,
    readonly prefix: string,
  ) {}

  value(key: string): unknown {
    const value = this.file.metadata.value(`${this.prefix}.${key}`);
    return typeof value === 'bigint' ? Number(value) : value;
  }

  /** Rounded to what the author wrote: GGUF keeps float32. */
  number(key: string): number | undefined {
    const value = this.file.metadata.number(`${this.prefix}.${key}`);
    return value === undefined || Number.isInteger(value) ? value : shortestFloat32(value);
  }

  required(key: string): number {
    const value = this.number(key);
    if (value !== undefined) return value;
    if (this.value(key) !== undefined) throw this.unsupported(key, 'a value by layer', 'one number');
    throw new TemperError('MODEL_CORRUPT', {
      path: this.file.file,
      message: `the metadata lacks ${this.prefix}.${key}`,
    });
  }

  /** As `required`; `absent` where there is none. */
  numberOr<T>(key: string, absent: T): number | T {
    return this.value(key) === undefined ? absent : this.required(key);
  }

  /** Refuses a value of a key by which other code computes something else. */
  only(key: string, neutral: readonly unknown[]): void {
    const value = this.value(key);
    if (value !== undefined && !neutral.includes(value))
      throw this.unsupported(key, value, neutral.join(', '));
  }

  has = (tensor: string): boolean => this.file.tensors.has(tensor);

  unsupported(key: string, found: unknown, allowed: string): TemperError {
    return new TemperError('MODEL_UNSUPPORTED', {
      path: `${this.file.file}: ${this.prefix}.${key}`,
      message: 'is not supported',
      found: shown(found),
      allowed,
    });
  }
}
