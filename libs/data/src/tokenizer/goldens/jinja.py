"""Writes jinja.json: what transformers' Jinja2 makes of small templates, each a trait of the language.

    pip install transformers jinja2
    python jinja.py
"""
import datetime
import json
import pathlib

import transformers.utils.chat_template_utils as chat


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat.datetime = Clock
VARIABLES = json.loads(
    '{"s": "  Ab,c\\nd é😀 ", "w": "one two  three ", "e": "", "n": null, "i": 7, "f": 2.50, "big": 12345678901234567890,'
    ' "t": true, "l": [3, 1, 2, "x"], "d": {"b": 1, "A": [1.0, null, true], "c": "q\\"<é>"},'
    ' "m": [{"role": "user", "n": 2}, {"role": "tool", "n": 1}, {"role": "user", "n": 3, "extra": "y"}]}'
)
TEMPLATES = r"""
{{ s.strip() }}|{{ s.lstrip() }}|{{ s.rstrip() }}|{{ s | trim }}
{{ 'xxabxx'.strip('x') }}|{{ '\n\n a\n'.lstrip('\n') }}|{{ 'a\n \n'.rstrip('\n') }}|{{ 'abcab'.strip('ba') }}
{{ 'a,b,c'.split(',') }}|{{ 'a,b,c'.split(',', 1) }}|{{ w.split() }}|{{ w.split(none, 1) }}|{{ ''.split() }}|{{ ''.split(',') }}
{{ 'a,b,c'.rsplit(',', 1) }}|{{ w.rsplit(none, 1) }}|{{ 'aXXb'.split('XX')[-1] }}|{{ 'ab'.split('z')[0] }}
{{ 'a-b-c'.partition('-') }}|{{ 'a-b-c'.rpartition('-') }}|{{ 'abc'.partition('-') }}
{{ 'aaa'.replace('a', 'b', 2) }}|{{ 'abc'.replace('', '-') }}|{{ 'aaa' | replace('a', 'b', 1) }}|{{ 'x'.replace('x', '') }}
{{ 'abc'.startswith('ab') }}|{{ 'abc'.startswith(('x', 'a')) }}|{{ 'abc'.endswith('c') }}|{{ 'abc'.removeprefix('a') }}|{{ 'abc'.removesuffix('c') }}
{{ 'hello world'.title() }}|{{ 'hELLO wORLD'.capitalize() }}|{{ 'hELLO' | capitalize }}|{{ "it's hello-world" | title }}|{{ 'ß'.upper() }}|{{ 'AbC' | lower }}
{{ 'abcabc'.find('c') }}|{{ 'abcabc'.rfind('c') }}|{{ 'abc'.find('z') }}|{{ 'é😀c'.find('c') }}|{{ 'aXbX'.count('X') }}|{{ 'abc'.index('b') }}
{{ s | length }}|{{ '😀a' | length }}|{{ '😀a'[0] }}|{{ '😀ab'[1:] }}|{{ 'abc'[-1] }}|{{ 'abc'[::-1] }}|{{ 'abcdef'[1:5:2] }}|{{ 'abc'[:-1] }}
{{ '12'.isdigit() }}|{{ 'a1'.isalnum() }}|{{ ' '.isspace() }}|{{ 'AB'.isupper() }}|{{ 'ab'.islower() }}|{{ ''.isdigit() }}
{{ 'a\nb\r\nc'.splitlines() }}|{{ ','.join(['a', 'b']) }}|{{ '5'.zfill(3) }}|{{ 'a'.ljust(3) + '|' }}
{{ l }}|{{ d }}|{{ n }}|{{ t }}|{{ f }}|{{ big }}|{{ (1, 'a') }}|{{ {} }}|{{ [] }}
{{ l | tojson }}|{{ d | tojson }}|{{ d | tojson(indent=2) }}|{{ s | tojson }}|{{ n | tojson }}|{{ big | tojson }}|{{ f | tojson }}
{{ d | tojson(sort_keys=true) }}|{{ d | tojson(ensure_ascii=true) }}|{{ d | tojson(separators=(',', ':')) }}|{{ [] | tojson(indent=4) }}|{{ {1: 2} | tojson }}
{{ 7 / 2 }}|{{ 7 // 2 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 2 ** 3 }}|{{ 2 ** -1 }}|{{ 6 / 3 }}|{{ 1 + 2.0 }}|{{ 7.5 // 2 }}
{{ 1 == 1.0 }}|{{ '1' == 1 }}|{{ none == false }}|{{ true == 1 }}|{{ [1] == [1] }}|{{ nope == nope2 }}|{{ '' == none }}|{{ 0 == '' }}
{{ 'b' in 'abc' }}|{{ 3 in l }}|{{ 'b' in d }}|{{ 'z' not in d }}|{{ 1 in nope }}|{{ '3' in l }}
{{ nope }}|{{ nope is defined }}|{{ nope | default('x') }}|{{ '' | default('x') }}|{{ '' | default('x', true) }}|{{ n | default('x') }}|{{ d.zzz is undefined }}
{{ nope or 'a' }}|{{ '' or 0 or [] }}|{{ 'a' and 'b' }}|{{ not '' }}|{{ not n }}|{{ 0 and x.y }}
{{ 'a' ~ 1 ~ none ~ true ~ 1.0 }}|{{ 'a' + 'b' }}|{{ [1] + [2] }}|{{ 'ab' * 2 }}|{{ '%s-%s' % ('a', 1) }}|{{ '%s' % 'x' }}
{{ 'a' if t }}|{{ 'a' if n else 'b' }}|{{ ('a' if n) is defined }}|{{ 'x' if false }}
{{ s is string }}|{{ l is iterable }}|{{ s is iterable }}|{{ d is mapping }}|{{ l is sequence }}|{{ n is none }}|{{ i is number }}|{{ f is float }}|{{ t is boolean }}|{{ t is number }}|{{ i is integer }}
{{ i is odd }}|{{ i is even }}|{{ 'a' is lower }}|{{ 'A' is upper }}|{{ d is sequence }}|{{ n is string }}|{{ t is true }}|{{ i is not none }}
{{ l | first }}|{{ l | last }}|{{ [] | first }}|{{ l | length }}|{{ l | reverse | list }}|{{ 'abc' | reverse }}|{{ 'abc' | first }}
{{ [3, 1, 2] | sort }}|{{ ['b', 'A'] | sort }}|{{ [3, 1] | sort(reverse=true) }}|{{ m | sort(attribute='n') | map(attribute='n') | list }}
{{ m | map(attribute='role') | join(', ') }}|{{ m | selectattr('role', 'equalto', 'user') | map(attribute='n') | list }}|{{ m | rejectattr('role', 'eq', 'user') | list | length }}|{{ m | selectattr('extra') | list | length }}|{{ m | selectattr('extra', 'defined') | list | length }}
{{ [1, 2, 3, 4] | select('odd') | list }}|{{ ['a', ''] | select | list }}|{{ [1, 2] | map('string') | join }}|{{ ['a'] | map('upper') | list }}|{{ n | map('upper') | list }}
{{ d | items | list }}|{{ d.items() | list }}|{{ d.keys() | list }}|{{ d.values() | list }}|{{ d | dictsort }}|{{ d.get('zz', 5) }}|{{ d.get('b') }}|{{ d.get('zz') }}
{{ [1, 2, 2, 1] | unique | list }}|{{ [1, 2] | sum }}|{{ [1, 5] | max }}|{{ ['a', 'B'] | min }}|{{ -3 | abs }}|{{ 2.5 | round }}|{{ 3.14159 | round(2) }}|{{ 2.7 | int }}|{{ '12x' | int }}|{{ '3' | float }}
{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(2, blank=true) }}
{{ d.b }}|{{ d['b'] }}|{{ l[0] }}|{{ l[-1] }}|{{ l.0 }}|{{ l[9] }}|{{ d.A[0] }}|{{ m[0].role }}|{{ l[1:] }}|{{ l[:2] }}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.revindex }}{{ loop.length }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}
{% for x in [] %}a{% else %}none{% endfor %}|{% for x in nope %}a{% else %}none{% endfor %}|{% for k in d %}{{ k }}{% endfor %}|{% for c in 'é😀' %}<{{ c }}>{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}|{% for x in l if x != 1 %}{{ loop.index }}{{ x }}{% endfor %}
{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}|{% for x in [1, 2, 3] %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% endfor %}
{% for x in [1, 2, 3] %}{{ loop.previtem is defined }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }};{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}|{% if true %}{% set x = 9 %}{% endif %}{{ x }}
{% set ns = namespace(a=1, b='z') %}{% for i in [1, 2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}|{% set x %}in {{ a }}{% endset %}{{ x }}|{% for a, b in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{% endfor %}
{% macro f(a, b='x') %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }}|{{ f(1, 2) }}|{{ f(b=3, a=4) }}|{{ f() }}
{% set g = 'top' %}{% macro f() %}{{ g }}{% endmacro %}{% for g in ['inner'] %}{{ f() }}{% endfor %}
{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}body{% endcall %}|{% filter upper %}abc{% endfilter %}
{% macro r(n) %}{{ n }}{% if n > 0 %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(3) }}
{# comment #}a{#- b -#} c {{- 'd' -}} e{% if true -%}  f  {%- endif %} g
{{ range(3) | list }}|{{ range(1, 6, 2) | list }}|{{ range(3, 0, -1) | list }}|{{ dict(a=1) }}
{{ strftime_now('%Y-%m-%d %H:%M') }}|{{ strftime_now('%d %B %Y') }}|{{ strftime_now('%b %-d, %Y %A %a %j %U' if false else '%b %-d, %y %A %a %j %I %p') }}
{{ 'a' 'b' }}|{{ "x\ty" }}|{{ 'it''s' }}|{{ '\\n' }}|{{ '\u00e9' }}|{{ '\x41' }}
{{ n.foo }}|{{ i.foo is defined }}|{{ d.items is defined }}|{{ d['items'] is defined }}|{{ d.copy is callable }}
{{ {'a': 1, 'b': {'c': [1, 2]}}['b']['c'][1] }}|{{ [1, 2,] }}|{{ {'x': 'y',} }}
{{ 1 < 2 }}|{{ 'a' < 'b' }}|{{ [1, 2] < [1, 3] }}|{{ 2 >= 2.0 }}|{{ 1 != 2 }}
{{ '<a>' | safe + '<b>' }}|{{ 'a' | safe ~ '<b>' }}|{{ 0.1 + 0.2 }}|{{ 1.0 }}|{{ 100000000000000000.0 }}|{{ 0.00001 }}
{{ ['a', 'b'] | join('-') }}|{{ [1, none, 'x'] | join(',') }}|{{ m | map(attribute='extra', default='-') | join }}|{{ 'abc' | list }}|{{ [[1, 2], [3]] | map('length') | list }}
{{ m | groupby('role') | list | length }}|{{ [1, 2, 3] | batch(2) | list }}|{{ 'a b c' | wordcount }}
{{ nope.foo }}
{{ nope + 'a' }}
{{ 'a' + 1 }}
{{ 'a' + none }}
{{ none in 'abc' }}
{{ l.append(1) }}
{{ 1 / 0 }}
{{ raise_exception('no') }}
{{ nope() }}
{{ n | length }}
{{ nope | tojson }}
{{ 'a' < 1 }}
{% for x in none %}{% endfor %}
{{ range(200000) | list | length }}
{{ 'abc'.index('z') }}
{{ d.update({'x': 1}) }}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{{ l | sort }}
{{ s.nope() }}
{{ ''.split('') }}
""".strip("\n").split("\n")

cases = []
for template in TEMPLATES:
    for source in {template: 0, f"a\n  {template}\nb\n": 0} if template.startswith("{%") else [template]:
        try:
            result = {"text": chat._compile_jinja_template(source).render(**VARIABLES)}
        except Exception:
            result = {"raises": True}
        cases.append({"template": source, **result})
out = {"variables": json.dumps(VARIABLES), "cases": cases}
(pathlib.Path(__file__).parent / "jinja.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")
print(len(cases), sum("raises" in case for case in cases))
