import type { ModelMeta } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { definitionOf } from '@temper/tasks';

export interface CardModel {
  /** Its tokenizer has a chat template. */
  readonly chat: boolean;
  /** It is an adapter that can go into the weights of its base. */
  readonly mergeable: boolean;
  /** PEFT or transformers loads its files. */
  readonly loadable: boolean;
}

/** How the model is used, as commands and a program that run as they stand, one after the other in one folder. */
export function usage(
  spec: PipelineSpec,
  { format, maxLength }: ModelMeta,
  { chat, mergeable, loadable }: CardModel,
): string {
  const { publish } = spec;
  const { card } = definitionOf(spec);
  const { prompt = 'your text' } = card;
  const folder = `./${publish.model}`;
  const reference = `${publish.model}@${publish.alias}`;
  const adapter = format === 'adapter';
  const base = `${folder}-base`;
  const what = adapter
    ? 'the adapter, and the base model as transformers and PEFT load it'
    : 'for transformers';
  const predict = `npx temper predict ${reference} "${prompt}"${card.predictFlags}`;
  if (!loadable) {
    return [
      'In a clone of Temper (or where its `temper` is installed). PEFT has no adapter of this kind and cannot load the files:',
      fenced('sh', [predict]),
    ].join('\n\n');
  }
  const shell = [
    predict,
    `npx temper models export ${reference} ${folder}${adapter ? ` --base ${base}` : ''}   # ${what}`,
    ...(mergeable
      ? [
          `npx temper models export ${reference} ${folder}-merged --format merged   # or: one model, for transformers alone`,
        ]
      : []),
    `pip install torch transformers${adapter ? ' peft' : ''}`,
  ];
  const python = [
    ...card.imports,
    'import torch',
    ...(adapter ? ['from peft import PeftModel'] : []),
    `from transformers import ${card.autoClass}, AutoTokenizer`,
    '',
    `tokenizer = AutoTokenizer.from_pretrained("${folder}")`,
    ...card.usage({ folder, base: adapter ? base : undefined, maxLength, chat, prompt }),
  ];
  return [
    'In a clone of Temper (or where its `temper` is installed), then in Python:',
    fenced('sh', shell),
    fenced('python', python),
  ].join('\n\n');
}

const fenced = (language: string, lines: readonly string[]) =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
