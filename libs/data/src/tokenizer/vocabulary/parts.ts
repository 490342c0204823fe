import { addedTokens, assignedIds, specialOf, type Json, type TokenFiles } from '../added-tokens.js';

/** What of tokenizer.json is the same for every text of a model: how one becomes tokens of the vocabulary. */
export interface Parts {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly decoder: object;
  readonly model: object;
}

/** A special token round a text. */
export interface Around {
  readonly content: string;
  readonly id: number;
}

/** Reads special tokens by their role: `cls_token`. */
export interface Roles {
  token(role: string): Around | undefined;
}

/** tokenizer.json of `parts`, with the added tokens that `settings` and the other files name, in transformers' order and ids. */
export function assembled(
  parts: Parts,
  vocab: ReadonlyMap<string, number>,
  settings: Json,
  files: TokenFiles,
  post: (roles: Roles) => object | null,
): object {
  const added = addedTokens(settings, files);
  const ids = assignedIds(added, vocab);
  const token = (role: string): Around | undefined => {
    const content = specialOf(settings, role)?.content;
    const id = content === undefined ? undefined : (ids.get(content) ?? vocab.get(content));
    return id === undefined ? undefined : { content: content!, id };
  };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...added.values()]
      .map((one) => ({ id: ids.get(one.content)!, ...one }))
      .sort((a, b) => a.id - b.id),
    ...parts,
    post_processor: post({ token }),
  };
}

/** One of what a template puts together: a special token, or one of the two texts; with its token type id. */
type Place = readonly ['A' | 'B', number] | readonly [Around, number];

/** Which tokens stand round a text, and round a pair of them. */
export function template(single: readonly Place[], pair: readonly Place[]): object {
  const special = [...single, ...pair].flatMap(([what]) => (typeof what === 'string' ? [] : [what]));
  const placed = (places: readonly Place[]) =>
    places.map(([what, type]) =>
      typeof what === 'string'
        ? { Sequence: { id: what, type_id: type } }
        : { SpecialToken: { id: what.content, type_id: type } },
    );
  return {
    type: 'TemplateProcessing',
    single: placed(single),
    pair: placed(pair),
    special_tokens: Object.fromEntries(
      special.map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}

/** `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]` */
export function bertTemplate(cls: Around, sep: Around): object {
  const single = [
    [cls, 0],
    ['A', 0],
    [sep, 0],
  ] as const;
  return template(single, [...single, ['B', 1], [sep, 1]]);
}

/** `<s> A </s>`, `<s> A </s> </s> B </s>`, all of one token type */
export function robertaTemplate(bos: Around, eos: Around): object {
  const single = [
    [bos, 0],
    ['A', 0],
    [eos, 0],
  ] as const;
  return template(single, [...single, [eos, 0], ['B', 0], [eos, 0]]);
}

/** By add_bos_token and add_eos_token, which a class without a template of its own obeys; null: neither. */
export function bosEosTemplate(settings: Json, roles: Roles): object | null {
  const bos = settings.add_bos_token === true ? roles.token('bos_token') : undefined;
  const eos = settings.add_eos_token === true ? roles.token('eos_token') : undefined;
  if (!bos && !eos) return null;
  const around = (text: 'A' | 'B', type: number): Place[] => [
    ...(bos ? [[bos, type] as const] : []),
    [text, type],
    ...(eos ? [[eos, type] as const] : []),
  ];
  return template(around('A', 0), [...around('A', 0), ...around('B', 1)]);
}
