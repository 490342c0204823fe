export type Json = Readonly<Record<string, unknown>>;

/** The files that name added tokens, as they were parsed. */
export interface TokenFiles {
  readonly tokenizer_config?: Json | undefined;
  readonly special_tokens_map?: Json | undefined;
  /** added_tokens.json: ids by token. */
  readonly added_tokens?: Json | undefined;
  /** `added_tokens` of tokenizer.json. */
  readonly listed?: readonly Json[];
}

/** A token that is found in a text before that is split. */
export interface AddedToken {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** transformers' SPECIAL_TOKENS_ATTRIBUTES in their order. */
const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** special_tokens_map.json goes before tokenizer_config.json, unless that has all added tokens itself. */
export function mergedSettings({
  tokenizer_config: config = {},
  special_tokens_map: map = {},
}: TokenFiles): Json {
  const settings = isObject(config.added_tokens_decoder) ? config : { ...config, ...map };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      settings === config ? value : asSpecial(value, name in map),
    ]),
  );
}

const asSpecial = (value: unknown, ofMap: boolean) =>
  ofMap && isObject(value) && 'content' in value ? { ...value, special: true } : value;

export const specialOf = (settings: Json, role: string): AddedToken | undefined =>
  tokenOf(settings[role], true);

/** The added tokens by content, in the order in which transformers adds them (tokenization_utils_base.py: _from_pretrained). */
export function addedTokens(
  settings: Json,
  { added_tokens: legacy = {}, listed = [] }: TokenFiles,
): Map<string, AddedToken> {
  const special = namesOf(settings).flatMap((role) => specialOf(settings, role) ?? []);
  const lists = [settings.extra_special_tokens, settings.additional_special_tokens];
  const extra = lists
    .flatMap((list) =>
      Array.isArray(list) ? (list as unknown[]) : isObject(list) ? Object.values(list) : [],
    )
    .flatMap((token) => tokenOf(token, true) ?? []);
  const roleNames = new Set(special.map(({ content }) => content));
  const named = new Set([...roleNames, ...extra.map(({ content }) => content)]);
  const decoder = isObject(settings.added_tokens_decoder)
    ? Object.entries(settings.added_tokens_decoder).map(
        ([id, token]) => [Number(id), tokenOf(token, false)] as const,
      )
    : [
        ...Object.entries(legacy).map(
          ([content, id]) => [Number(id), tokenOf(content, named.has(content))] as const,
        ),
        ...listed.map((token) => [Number(token.id), tokenOf(token, false)] as const),
      ];
  const inOrder = [...new Map(decoder)].sort(([a], [b]) => a - b).flatMap(([, token]) => token ?? []);
  const isSpecial = (token: AddedToken) => ({
    ...token,
    special: token.special || roleNames.has(token.content),
  });
  const added = new Map<string, AddedToken>();
  for (const token of inOrder) if (!added.has(token.content)) added.set(token.content, isSpecial(token));
  const listedBefore = new Set(added.keys());
  // Of two roles of one token, the later says how it is found.
  for (const token of [...special, ...extra])
    if (!listedBefore.has(token.content)) added.set(token.content, isSpecial(token));
  return added;
}

/** The roles, and a model's own: `image_token`. */
const namesOf = (settings: Json): string[] => [
  ...roles,
  ...Object.keys(settings).filter((name) => name.endsWith('_token') && !roles.includes(name)),
];

/** A text, or an object with the token's properties; by itself a special token is looked for in the text as it is written. */
function tokenOf(value: unknown, special: boolean): AddedToken | undefined {
  const given = isObject(value) ? value : { content: value };
  if (typeof given.content !== 'string' || given.content === '') return undefined;
  const isSpecial = typeof given.special === 'boolean' ? given.special : special;
  const is = (name: string, otherwise: boolean) =>
    typeof given[name] === 'boolean' ? given[name] : otherwise;
  return {
    content: given.content,
    single_word: is('single_word', false),
    lstrip: is('lstrip', false),
    rstrip: is('rstrip', false),
    normalized: is('normalized', !isSpecial),
    special: isSpecial,
  };
}

/** A token of the vocabulary keeps its id; a new one has the first that is free behind all. */
export function assignedIds(
  added: ReadonlyMap<string, AddedToken>,
  vocab: ReadonlyMap<string, number>,
): Map<string, number> {
  const ids = new Map<string, number>();
  let next = vocab.size;
  for (const content of added.keys()) {
    const id = vocab.get(content) ?? next;
    ids.set(content, id);
    next = Math.max(next, id + 1);
  }
  return ids;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
