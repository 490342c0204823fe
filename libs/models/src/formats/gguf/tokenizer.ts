import type { GgufFile } from './reader.js';
import { tokenizerParts } from './tokenizer-kinds.js';
import { key, readVocabulary, type Role, type SpecialToken } from './vocabulary.js';

export interface RebuiltTokenizer {
  readonly tokenizer: Record<string, unknown>;
  readonly tokenizerConfig: Record<string, unknown>;
  /** bos_token_id, eos_token_id and pad_token_id for config.json. */
  readonly ids: Readonly<Record<string, number>>;
}

/** tokenizer.json and tokenizer_config.json from the metadata of a GGUF file. */
export function rebuildTokenizer(gguf: GgufFile): RebuiltTokenizer {
  const { metadata } = gguf;
  const vocabulary = readVocabulary(gguf);
  const { added, special } = vocabulary;
  const { addBos: bosByKind, addPrefixSpace, ...parts } = tokenizerParts(vocabulary);
  const addBos = metadata.boolean(key('add_bos_token')) ?? bosByKind;
  const addEos = metadata.boolean(key('add_eos_token')) ?? false;
  const content = (role: Role) => special.get(role)?.content ?? null;
  const contextLength = metadata.number(`${metadata.string('general.architecture')}.context_length`);
  const chatTemplate = metadata.string('tokenizer.chat_template');
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      post_processor: around(
        addBos ? special.get('bos') : undefined,
        addEos ? special.get('eos') : undefined,
      ),
      ...parts,
    },
    tokenizerConfig: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: addBos,
      add_eos_token: addEos,
      add_prefix_space: addPrefixSpace,
      bos_token: content('bos'),
      eos_token: content('eos'),
      unk_token: content('unknown'),
      pad_token: content('padding'),
      clean_up_tokenization_spaces: false,
      ...(contextLength ? { model_max_length: contextLength } : {}),
      added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [id, token])),
      ...(chatTemplate ? { chat_template: chatTemplate } : {}),
    },
    ids: Object.fromEntries(
      (
        [
          ['bos', 'bos'],
          ['eos', 'eos'],
          ['pad', 'padding'],
        ] as const
      ).flatMap(([name, role]) => {
        const token = special.get(role);
        return token ? [[`${name}_token_id`, token.id]] : [];
      }),
    ),
  };
}

/** `BOS text EOS`, and the same around each of a pair; null where nothing is added. */
function around(prefix: SpecialToken | undefined, suffix: SpecialToken | undefined): object | null {
  const used = [prefix, suffix].filter((token) => token !== undefined);
  if (!used.length) return null;
  const piece = (token: SpecialToken | undefined, type: number) =>
    token ? [{ SpecialToken: { id: token.content, type_id: type } }] : [];
  const text = (id: 'A' | 'B', type: number) => [
    ...piece(prefix, type),
    { Sequence: { id, type_id: type } },
    ...piece(suffix, type),
  ];
  return {
    type: 'TemplateProcessing',
    single: text('A', 0),
    pair: [...text('A', 0), ...text('B', 1)],
    special_tokens: Object.fromEntries(
      used.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}
