import type { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import { TemperError } from '@temper/contracts';

/**
 * The library, with its errors as those of the model's file: it throws where a text needs what the file lacks, such as a
 * token for words that it does not know.
 */
export function withTypedErrors(rust: RustTokenizer, path: string): RustTokenizer {
  const typed = (cause: unknown): never => {
    const message = `the tokenizer cannot read a text: ${(cause as Error).message}`;
    throw new TemperError('MODEL_CORRUPT', { path, message }, { cause });
  };
  return new Proxy(rust, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        try {
          const result: unknown = Reflect.apply(member, target, args);
          return result instanceof Promise ? result.catch(typed) : result;
        } catch (cause) {
          return typed(cause);
        }
      };
    },
  });
}
