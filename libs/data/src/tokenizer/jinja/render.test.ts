import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TemplateRaised, TemplateTooLong, TemplateUnsupported } from './errors.js';
import { fieldsOfJson } from './from-json.js';
import { globalsOf } from './globals.js';
import { render } from './render.js';
import { raw } from './text.js';

interface Goldens {
  readonly variables: string;
  readonly cases: readonly { template: string; text?: string; raises?: true }[];
}
const goldens = JSON.parse(
  readFileSync(new URL('../goldens/jinja.json', import.meta.url), 'utf8'),
) as Goldens;
const clock = new Date(Date.UTC(2024, 6, 26));
const write = (template: string) =>
  raw(
    render(
      template,
      new Map([...globalsOf(clock), ...fieldsOfJson(goldens.variables, (field) => ({ field }))]),
    ),
  );

describe('a template', () => {
  it.each(goldens.cases)('is written as Jinja2 writes it: $template', ({ template, text }) => {
    if (text === undefined) expect(() => write(template)).toThrow(TemplateRaised);
    else expect(write(template)).toBe(text);
  });

  it('that uses what is not here is refused, not written otherwise', () => {
    for (const template of [
      '{{ x | xmlattr }}',
      '{{ x is nope }}',
      '{% include "a" %}',
      '{{ "a".encode() }}',
      '{% for x in l recursive %}{% endfor %}',
      '{% block a %}{% endblock %}',
      '{% macro f() %}{% endmacro %}{{ f.name }}',
      '{{ (',
    ]) {
      expect(() => write(template)).toThrow(TemplateUnsupported);
    }
  });

  it('may keep a long text in a variable and prolong it message by message', () => {
    const template =
      "{% set ns = namespace(x='') %}{% for i in range(5000) %}{% set ns.x = ns.x + '<' + w + '>' %}{% endfor %}{{ ns.x }}";
    expect(write(template)).toBe('<one two  three >'.repeat(5000));
  });

  it('has an end', () => {
    const nested = '{% for i in range(100000) %}{% for k in range(100000) %}{% endfor %}{% endfor %}';
    expect(() => write(nested)).toThrow(TemplateTooLong);
    const doubled =
      '{% set ns = namespace(x="ab") %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}';
    expect(() => write(doubled)).toThrow(TemplateTooLong);
    expect(() => write('{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}')).toThrow(RangeError);
  });
});
