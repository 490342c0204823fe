import { activations, type ActivationName } from '../../build/activations.js';
import { ConfigReader } from '../config-reader.js';
import type { Family, HfConfig } from '../family.js';
import { none, only, read, type Fields } from '../fields.js';
import { bertFields, readBert, type BertSettings } from './bert-config.js';

/** Terms of the scores by the distance of query and key. */
export interface RelativeAttention {
  /** Rows of the table for each direction. */
  readonly span: number;
  /** Distances beyond half of so many share buckets that grow with them; undefined: each has its own. */
  readonly buckets: number | undefined;
  /** Where the buckets end. */
  readonly maxDistance: number;
  readonly contentToPosition: boolean;
  readonly positionToContent: boolean;
  /** The table is normalised. */
  readonly normalised: boolean;
  /** Keys and queries of positions are made by the projections of the contents. */
  readonly shared: boolean;
}

export interface DebertaSettings extends BertSettings {
  /** Elements of the rows of the tables, projected to `hidden` where that is another number. */
  readonly embeddingSize: number;
  readonly tokenTypes: number;
  /** There is a table of positions too. */
  readonly absolutePositions: boolean;
  readonly relative: RelativeAttention | undefined;
  /** Terms of a score, the contents' among them: it is divided by √(headSize · terms). */
  readonly terms: number;
  readonly poolerDropout: number;
  readonly poolerActivation: ActivationName;
  readonly classifierDropout: number;
  readonly legacyHead: boolean;
}

/** transformers' DebertaV2Config (configuration_deberta_v2.py), and what its modelling code reads beside it. */
export const debertaFields: Fields = {
  ...bertFields,
  vocab_size: read(128100),
  hidden_size: read(1536),
  num_hidden_layers: read(24),
  num_attention_heads: read(24),
  intermediate_size: read(6144),
  layer_norm_eps: read(1e-7),
  type_vocab_size: read(0),
  relative_attention: read(false),
  max_relative_positions: read(-1),
  position_buckets: read(-1),
  position_biased_input: read(true),
  pos_att_type: read(null),
  norm_rel_ebd: read('none'),
  share_att_key: read(false),
  // Null: hidden_size.
  embedding_size: read(null),
  attention_head_size: read(null),
  pooler_hidden_size: read(null),
  pooler_dropout: read(0),
  pooler_hidden_act: read('gelu'),
  // Null: as hidden_dropout_prob.
  cls_dropout: read(null),
  legacy: read(true),
  // A convolution beside the first layer, of the larger models of version 2.
  conv_kernel_size: only(0),
  conv_act: none,
  conv_groups: none,
};

/** How DeBERTa's config.json is read. */
export const readDeberta = (config: HfConfig): ReturnType<Family<DebertaSettings>['settings']> => {
  const read = new ConfigReader(config, debertaFields);
  const bert = readBert(read);
  const types = listOf(read, 'pos_att_type', ['c2p', 'p2c']);
  for (const [name, size] of [
    ['attention_head_size', bert.hidden / bert.heads],
    ['pooler_hidden_size', bert.hidden],
  ] as const)
    if (!read.isNull(name) && read.value(name) !== size)
      read.report(name, 'is not supported', read.value(name), `${size}, as the other sizes make it`);
  return read.result({
    ...bert,
    embeddingSize: read.isNull('embedding_size') ? bert.hidden : read.positiveInteger('embedding_size'),
    tokenTypes: read.value('type_vocab_size') === 0 ? 0 : read.positiveInteger('type_vocab_size'),
    absolutePositions: read.flag('position_biased_input'),
    relative: read.flag('relative_attention') ? relativeAttention(read, types, bert.positions) : undefined,
    terms: 1 + types.length,
    poolerDropout: read.rate('pooler_dropout'),
    poolerActivation: read.choice('pooler_hidden_act', activations),
    classifierDropout: read.rate(read.isNull('cls_dropout') ? 'hidden_dropout_prob' : 'cls_dropout'),
    legacyHead: read.flag('legacy'),
  });
};

function relativeAttention(
  read: ConfigReader,
  types: readonly string[],
  positions: number,
): RelativeAttention {
  const maxDistance = numberAbove0(read, 'max_relative_positions') ?? positions;
  const buckets = numberAbove0(read, 'position_buckets');
  return {
    ...{ buckets, maxDistance, span: buckets ?? maxDistance },
    contentToPosition: types.includes('c2p'),
    positionToContent: types.includes('p2c'),
    normalised: listOf(read, 'norm_rel_ebd', ['none', 'layer_norm']).includes('layer_norm'),
    shared: read.flag('share_att_key'),
  };
}

/** Undefined where the number is 0 or less, which stands for none. */
function numberAbove0(read: ConfigReader, name: string): number | undefined {
  const value = read.value(name);
  if (typeof value === 'number' && Number.isInteger(value) && value <= 0) return undefined;
  return read.positiveInteger(name);
}

/** A list, or its items with | between them; null: none. */
function listOf(read: ConfigReader, name: string, allowed: readonly string[]): string[] {
  const value = read.value(name) ?? [];
  const items: unknown[] =
    typeof value === 'string'
      ? value
          .toLowerCase()
          .split('|')
          .map((item) => item.trim())
      : Array.isArray(value)
        ? value
        : [value];
  const known = items.filter((item): item is string => allowed.includes(item as string));
  if (known.length < items.length)
    read.report(name, 'is not supported', value, `${allowed.join(', ')}, with | between them`);
  return [...new Set(known)];
}
