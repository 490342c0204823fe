import { TemperError, type ChatMessage } from '@temper/contracts';
import { loadTokenizer } from '@temper/data';
import { damaged } from '../bytes.js';
import type { Parser } from '../parser.js';
import type { Random } from '../random.js';
import { word } from '../words.js';
import { tokenizerFile } from './goldens.js';
import { limits } from './tokenizer.js';

const whole: readonly string[] = [
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}{{ '<start>' + m['role'] + '\\n' + m['content'] | trim + '<end>\\n' }}{% endfor %}",
  "{%- set ns = namespace(n=0) -%}{%- for m in messages -%}{%- if m.role == 'assistant' -%}{{ '[A]' ~ m.content ~ eos_token }}{%- set ns.n = ns.n + 1 -%}{%- else -%}{{ '[U]' ~ m.content }}{%- endif -%}{%- endfor -%}",
  "{% macro say(m) %}{{ m.role }}: {{ m.content.split('</think>')[-1] }}\n{% endmacro %}{% for m in messages %}{{ say(m) }}{% endfor %}",
];

const values = [
  'messages',
  'messages[0].content',
  'm',
  "'a'",
  '1',
  '1e9',
  'none',
  'range(100000)',
  'ns',
  'namespace()',
  '[]',
  '{}',
  'loop',
  'strftime_now',
  'raise_exception',
  '__proto__',
  'constructor',
];
const filters = [
  'trim',
  'length',
  'tojson',
  'upper',
  'join',
  'list',
  'first',
  'safe',
  'replace',
  'selectattr("role")',
  'map(attribute="x")',
  'int',
  'items',
  'constructor',
  'nothing',
];

/** By the grammar: any expression. */
function expression(random: Random, depth = 0): string {
  if (depth > 5 || random.chance(0.3))
    return random.chance(0.2) ? JSON.stringify(word(random)) : random.pick(values);
  const inner = () => expression(random, depth + 1);
  return random.pick([
    () =>
      `(${inner()} ${random.pick(['+', '~', '*', '-', '/', '%', 'and', 'in', '==', '<', 'is defined or'])} ${inner()})`,
    () =>
      `${inner()}.${random.pick(['content', 'role', 'constructor', '__proto__', 'x', 'split("")', 'strip()', 'items()'])}`,
    () => `${inner()}[${random.pick([inner(), '-1', ':', '1:', '::-1', '"a"'])}]`,
    () => `${inner()} | ${random.pick(filters)}`,
    () => `${inner()}(${inner()})`,
    () => `not ${inner()}`,
    () => `[${inner()}, ${inner()}]`,
    () => `{"a": ${inner()}}`,
    () => `${inner()} if ${inner()} else ${inner()}`,
  ])();
}

/** By the grammar: any template; one of several loops for ever, or as good as. */
function block(random: Random, depth = 0): string {
  if (depth > 4 || random.chance(0.2))
    return random.chance(0.5) ? word(random) : `{{ ${expression(random)} }}`;
  const inner = () => block(random, depth + 1);
  return random.pick([
    () => `{% for m in ${expression(random)} %}${inner()}{% endfor %}`,
    () => `{% for i in range(100000) %}${inner()}{% endfor %}`,
    () => `{% if ${expression(random)} %}${inner()}{% else %}${inner()}{% endif %}`,
    () => `{% set ns = ${expression(random)} %}${inner()}`,
    () => `{% set ns.x = ns.x + ns.x %}${inner()}`,
    () => `{% macro f(m) %}${inner()}{{ f(m) }}{% endmacro %}{{ f(1) }}`,
    () => `{{ ${expression(random)} }}${inner()}`,
    () => `{# ${inner()} #}${inner()}`,
    () => `{%- generation -%}${inner()}{%- endgeneration -%}`,
    () => inner() + inner(),
  ])();
}

const messages = (random: Random): ChatMessage[] =>
  random.many(5, () => ({
    role: random.pick(['user', 'assistant', 'system', 'tool', word(random)]),
    content: random.chance(0.3) ? word(random) : 'hi',
  }));

export const template: Parser = {
  name: 'template',
  inputs: 1_000,
  elsewhere: true,
  make: (random) => {
    const text = random.chance(0.5) ? block(random) : random.pick(whole);
    return {
      conversations: Array.from({ length: 3 }, () => messages(random)),
      files: {
        'tokenizer.json': tokenizerFile('chat/tokenizer.json'),
        'tokenizer_config.json': tokenizerFile('chat/tokenizer_config.json'),
        'chat_template.jinja': random.chance(0.5) ? damaged(Buffer.from(text), random) : text,
      },
    };
  },
  read: async ({ conversations }, folder) => {
    await using loaded = await loadTokenizer(folder, { limits });
    const [first, ...others] = conversations as ChatMessage[][];
    const rows = [...others.map((one) => ({ messages: one })), { prompt: 'a', completion: 'b' }];
    const refused = (await loaded.encodeExamples(rows)).find((row) => row instanceof TemperError);
    if (refused) throw refused as TemperError;
    return await loaded.renderChat(first!, { addGenerationPrompt: true });
  },
};
