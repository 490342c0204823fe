import { TemperError } from '@temper/contracts';
import type { GgufFile } from './reader.js';

export interface SpecialToken {
  readonly id: number;
  readonly content: string;
}
export type Role = 'bos' | 'eos' | 'unknown' | 'padding';

export interface AddedToken extends SpecialToken {
  readonly single_word: false;
  readonly lstrip: false;
  readonly rstrip: false;
  readonly normalized: false;
  readonly special: boolean;
}

/** The tokens of a GGUF file, and what it says about some of them. */
export interface Vocabulary {
  readonly gguf: GgufFile;
  readonly tokens: readonly string[];
  /** Tokens that are found in a text before it is split: control tokens and those that a user defined. */
  readonly added: readonly AddedToken[];
  readonly special: ReadonlyMap<Role, SpecialToken>;
}

/** `tokenizer.ggml.token_type` */
const tokenType = { unknown: 2, control: 3, userDefined: 4 } as const;

export const key = (name: string) => `tokenizer.ggml.${name}`;

export const corruptTokenizer = ({ file }: GgufFile, message: string) =>
  new TemperError('MODEL_CORRUPT', { path: file, message });

export function readVocabulary(gguf: GgufFile): Vocabulary {
  const { metadata } = gguf;
  const tokens = metadata.list<string>(key('tokens'));
  if (!tokens?.length) throw corruptTokenizer(gguf, 'the metadata has no tokenizer');
  const types = metadata.list<number>(key('token_type')) ?? [];
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === tokenType.control || type === tokenType.unknown;
    return special || type === tokenType.userDefined ? [addedToken(id, content, special)] : [];
  });
  const special = new Map<Role, SpecialToken>();
  for (const role of ['bos', 'eos', 'unknown', 'padding'] as const) {
    const id = metadata.number(key(`${role}_token_id`));
    if (id === undefined) continue;
    const content = tokens[id];
    if (content === undefined)
      throw corruptTokenizer(gguf, `${role}_token_id ${id} is not in the vocabulary`);
    special.set(role, { id, content });
  }
  return { gguf, tokens, added, special };
}

const addedToken = (id: number, content: string, special: boolean): AddedToken => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
});
