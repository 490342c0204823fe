/** What a tokenizer.json tells without being run. */
export interface TokenizerTraits {
  /** Tokens with ids from `rows` on: the model's table has no row for them. */
  readonly beyond: readonly string[];
  /** Special tokens that are put around a single text. */
  readonly around: number;
}

interface TokenizerFile {
  readonly model?: { readonly vocab?: unknown };
  readonly added_tokens?: readonly { readonly id?: unknown; readonly content?: unknown }[];
  readonly post_processor?: PostProcessor | null;
}
interface PostProcessor {
  readonly type?: string;
  readonly single?: readonly object[];
  readonly processors?: readonly PostProcessor[];
}

/** `rows` is the size of the model's table of tokens. A text that is no tokenizer has no traits: who runs it says why. */
export function tokenizerTraits(json: string, rows: number): TokenizerTraits {
  let file: TokenizerFile | null;
  try {
    file = JSON.parse(json) as TokenizerFile | null;
  } catch {
    return { beyond: [], around: 0 };
  }
  const added = Array.isArray(file?.added_tokens) ? file.added_tokens : [];
  const ids = new Map<unknown, unknown>([
    ...entriesOf(file?.model?.vocab),
    ...added.map((token) => [token?.content, token?.id] as const),
  ]);
  const beyond = [...ids].flatMap(([token, id]) =>
    typeof id === 'number' && id >= rows ? [String(token)] : [],
  );
  return { beyond, around: aroundText(file?.post_processor) };
}

/** Ids by token; a Unigram model has a list of [token, score]. */
function entriesOf(vocab: unknown): (readonly [unknown, unknown])[] {
  if (Array.isArray(vocab)) return vocab.map((entry, id) => [Array.isArray(entry) ? entry[0] : entry, id]);
  return typeof vocab === 'object' && vocab !== null ? Object.entries(vocab) : [];
}

function aroundText(processor: PostProcessor | null | undefined): number {
  if (!processor) return 0;
  if (Array.isArray(processor.processors))
    return processor.processors.reduce((sum, inner) => sum + aroundText(inner), 0);
  if (processor.type === 'BertProcessing' || processor.type === 'RobertaProcessing') return 2;
  if (processor.type !== 'TemplateProcessing' || !Array.isArray(processor.single)) return 0;
  return processor.single.filter((piece) => 'SpecialToken' in piece).length;
}
