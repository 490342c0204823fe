import type { ModelMeta, Task } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';

const classes: Readonly<Record<Task, string>> = {
  'sequence-classification': 'AutoModelForSequenceClassification',
  'causal-lm': 'AutoModelForCausalLM',
};

/**
 * How the model is used, as commands and a program that run as they stand, one after the other in one folder. `chat`: its
 * tokenizer has a chat template.
 */
export function usage(
  { task, publish }: PipelineSpec,
  { format, maxLength }: ModelMeta,
  chat: boolean,
): string {
  const folder = `./${publish.model}`;
  const reference = `${publish.model}@${publish.alias}`;
  const adapter = format === 'adapter';
  const base = `${folder}-base`;
  const what = adapter
    ? 'the adapter, and the base model as transformers and PEFT load it'
    : 'for transformers';
  const shell = [
    `npx temper predict ${reference} "${prompt}"${task === 'causal-lm' ? ` --max-tokens ${TOKENS}` : ''}`,
    `npx temper models export ${reference} ${folder}${adapter ? ` --base ${base}` : ''}   # ${what}`,
    `pip install torch transformers${adapter ? ' peft' : ''}`,
  ];
  const python = [
    ...(task === 'sequence-classification' ? ['import json', ''] : []),
    'import torch',
    ...(adapter ? ['from peft import PeftModel'] : []),
    `from transformers import ${classes[task]}, AutoTokenizer`,
    '',
    `tokenizer = AutoTokenizer.from_pretrained("${folder}")`,
    ...(task === 'sequence-classification'
      ? classifier(folder, adapter ? base : undefined, maxLength)
      : writer(folder, adapter ? base : undefined, chat)),
  ];
  return [
    'In a clone of Temper (or where its `temper` is installed), then in Python:',
    fenced('sh', shell),
    fenced('python', python),
  ].join('\n\n');
}

const prompt = 'your text';
/** Of an answer: enough to see that it works, soon. */
const TOKENS = 24;

/** The labels are those of temper.json: however many, whatever is in them. */
const classifier = (folder: string, base: string | undefined, maxLength: number) => [
  `with open("${folder}/temper.json", encoding="utf-8") as file:`,
  '    labels = json.load(file)["labelNames"]',
  ...(base
    ? [
        '# The head comes with the adapter: whatever head the base model has gives way to one of as many labels.',
        `base = ${classes['sequence-classification']}.from_pretrained(`,
        `    "${base}", num_labels=len(labels), ignore_mismatched_sizes=True`,
        ')',
        `model = PeftModel.from_pretrained(base, "${folder}").eval()`,
      ]
    : [`model = ${classes['sequence-classification']}.from_pretrained("${folder}").eval()`]),
  `inputs = tokenizer("${prompt}", truncation=True, max_length=${maxLength}, return_tensors="pt")`,
  'with torch.no_grad():',
  '    probabilities = model(**inputs).logits[0].softmax(-1)',
  'print(labels[int(probabilities.argmax())], float(probabilities.max()))',
];

const writer = (folder: string, base: string | undefined, chat: boolean) => [
  ...(base
    ? [
        `base = ${classes['causal-lm']}.from_pretrained("${base}")`,
        `model = PeftModel.from_pretrained(base, "${folder}").eval()`,
      ]
    : [`model = ${classes['causal-lm']}.from_pretrained("${folder}").eval()`]),
  ...(chat
    ? [
        `messages = [{"role": "user", "content": "${prompt}"}]`,
        'inputs = tokenizer.apply_chat_template(',
        '    messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"',
        ')',
      ]
    : [`inputs = tokenizer("${prompt}", return_tensors="pt")`]),
  'with torch.no_grad():',
  `    output = model.generate(**inputs, max_new_tokens=${TOKENS}, do_sample=False)`,
  'print(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))',
];

const fenced = (language: string, lines: readonly string[]) =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
