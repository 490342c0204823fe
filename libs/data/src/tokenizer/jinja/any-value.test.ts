import { expect, it } from 'vitest';
import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { filterNames } from './filters.js';
import { fieldsOfJson } from './from-json.js';
import { globalsOf } from './globals.js';
import { render } from './render.js';
import { stringMethods } from './string-methods.js';
import { testNames } from './tests.js';

const values = [
  'none',
  'true',
  '-5',
  '2.5',
  'big',
  "'%s{}'",
  's',
  'l',
  'd',
  '(1,)',
  'nope',
  '[][::-1]',
  'dict',
];
const calls = (of: string) => ['', ...values.map((a) => `(${a})`), `(2, ${of})`];
const written = (of: string): string[] => [
  ...filterNames.flatMap((name) => calls(of).map((call) => `{{ ${of} | ${name}${call} }}`)),
  ...Object.keys(stringMethods).flatMap((name) =>
    calls(of).map((call) => `{{ (${of}).${name}${call || '()'} }}`),
  ),
  ...testNames.flatMap((name) => values.map((a) => `{{ ${of} is ${name}(${a}) }}`)),
  ...['+', '-', '*', '/', '//', '%', '**', '~', '<', 'in'].flatMap((operator) =>
    values.map((a) => `{{ ${of} ${operator} ${a} }}`),
  ),
  ...['strftime_now', 'raise_exception', 'range', 'namespace'].map((name) => `{{ ${name}(${of}) }}`),
  ...values.flatMap((a) => [`{{ (${of})[${a}] }}`, `{{ (${of})[${a}::${a}] }}`]),
];
const variables = new Map([
  ...globalsOf(new Date(0)),
  ...fieldsOfJson(
    '{"s":"a b\\n😀","l":[3,"x",null],"d":{"b":{"c":2}},"big":123456789012345678901}',
    (field) => ({ field }),
  ),
]);

it.each(values)('whatever is done with %s, what is wrong with it is the template', (of) => {
  for (const template of written(of)) {
    try {
      render(template, variables);
    } catch (error) {
      const foreseen = error instanceof TemplateRaised || error instanceof TemplateUnsupported;
      if (!foreseen) expect(`${template}: ${String(error)}`).toBe('an error of the template');
    }
  }
});
