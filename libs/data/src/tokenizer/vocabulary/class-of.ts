import type { Json } from '../added-tokens.js';

/** transformers' tokenizer of each kind of model (tokenization_auto.py, 5.23: TOKENIZER_MAPPING_NAMES), of those that are read here. */
const byModelType: Readonly<Record<string, string>> = {
  ...named('BertTokenizer', ['bert', 'distilbert', 'electra', 'ernie', 'convbert', 'layoutlm', 'nomic_bert']),
  ...named('BertTokenizer', ['megatron-bert', 'nezha', 'squeezebert']),
  ...named('MPNetTokenizer', ['mpnet']),
  ...named('GPT2Tokenizer', ['gpt2', 'gpt_neo', 'gptj', 'opt', 'phi', 'codegen', 'starcoder2', 'dbrx']),
  ...named('RobertaTokenizer', ['roberta', 'bart', 'longformer', 'roberta-prelayernorm', 'data2vec-text']),
  ...named('DebertaTokenizer', ['deberta']),
  ...named('GPTNeoXTokenizer', ['gpt_neox', 'mpt', 'olmo', 'olmoe', 'mamba', 'rwkv', 'falcon_mamba']),
  ...named('Qwen2Tokenizer', ['qwen2', 'qwen2_moe', 'qwen3', 'qwen3_moe', 'qwen3_next']),
  ...named('CohereTokenizer', ['cohere', 'cohere2']),
  ...named('GemmaTokenizer', ['gemma', 'gemma2', 'gemma3', 'gemma3_text', 'gemma3n', 'gemma3n_text']),
  ...named('XLMRobertaTokenizer', ['xlm-roberta', 'gte', 'jina_embeddings_v3', 'xmod']),
  ...named('CamembertTokenizer', ['camembert']),
  ...named('DebertaV2Tokenizer', ['deberta-v2']),
  ...named('AlbertTokenizer', ['albert']),
  ...named('T5Tokenizer', ['t5', 'mt5', 'switch_transformers']),
  ...named('TokenizersBackend', ['mistral', 'mixtral', 'ministral', 'ministral3', 'mistral3', 'pixtral']),
  ...named('TokenizersBackend', [
    'phi3',
    'phimoe',
    'modernbert',
    'modernbert-decoder',
    'granite',
    'stablelm',
  ]),
  ...named('TokenizersBackend', ['glm', 'glm4', 'gpt_bigcode', 'olmo2', 'olmo3', 'persimmon', 'umt5']),
  ...named('TokenizersBackend', ['nemotron', 'internlm2', 'internlm3', 'minicpm3', 'xlm-roberta-xl']),
};

function named(name: string, types: readonly string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, name]));
}

/** Kinds whose files often name another class than theirs: theirs is taken (MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS). */
const ownClass = new Set(['qwen2']);

/** Names that say no more than that there is a tokenizer. */
const anyTokenizer = new Set([
  'TokenizersBackend',
  'PythonBackend',
  'PreTrainedTokenizer',
  'PreTrainedTokenizerFast',
]);

/** Other names of the same classes. */
const aliases: Readonly<Record<string, string>> = {
  DistilBertTokenizer: 'BertTokenizer',
  ElectraTokenizer: 'BertTokenizer',
  ConvBertTokenizer: 'BertTokenizer',
  BartTokenizer: 'RobertaTokenizer',
  LongformerTokenizer: 'RobertaTokenizer',
};

/**
 * The name of the class with which transformers reads the files (AutoTokenizer.from_pretrained, 5.23): the class that they
 * name, or the one of the kind of model, or, where the two contradict each other and neither is trusted, the generic one.
 */
export function classOf(tokenizerConfig: Json | undefined, config: Json | undefined): string {
  const given = tokenizerConfig?.tokenizer_class ?? config?.tokenizer_class;
  const hub = typeof given === 'string' && given ? plain(given) : undefined;
  const type = typeof config?.model_type === 'string' ? config.model_type : '';
  const registered = Object.hasOwn(byModelType, type) ? byModelType[type] : undefined;
  if (hub === undefined) return registered ?? 'TokenizersBackend';
  if (registered === undefined || registered === hub) return generic(hub);
  if (registered === 'TokenizersBackend') return registered;
  return generic(ownClass.has(type) ? registered : hub);
}

const generic = (name: string) => (anyTokenizer.has(name) ? 'TokenizersBackend' : name);

function plain(name: string): string {
  const slow = name === 'PreTrainedTokenizerFast' ? name : name.replace(/Fast$/, '');
  return Object.hasOwn(aliases, slow) ? aliases[slow]! : slow;
}
