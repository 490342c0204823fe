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
{{ (1,) }}|{{ (1,) | length }}|{{ ('a',)[0] }}|{{ () | length }}
{% for x in ('a',) %}{{ x }}{% endfor %}
{{ 1e3 }}|{{ 1.5e-3 }}|{{ 1E2 }}|{{ 1_000 }}|{{ 0x1f }}|{{ 0b11 }}|{{ 0o17 }}
{% raw %}{{ x }}{% if %}{% endraw %}|a
a{%- raw -%}  {{ x }}  {%- endraw -%}  b
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}|{{ a is defined }}
{% with %}{% set a = 5 %}{{ a }}{% endwith %}{{ a is defined }}
{{ 4 is divisibleby(2) }}|{{ 4 is divisibleby 2 }}|{{ 3 is divisibleby(2) }}
{{ 1 is eq(1) }}|{{ 1 is equalto 1 }}|{{ 2 is gt(1) }}|{{ 1 is lt 2 }}|{{ 1 is ne 2 }}|{{ 2 is ge 2 }}|{{ 1 is le(0) }}
{{ 1 is in([1, 2]) }}|{{ 'a' is in 'abc' }}|{{ 3 is not in [1] }}|{{ s is sameas s }}|{{ none is sameas(none) }}|{{ 1 is sameas 2 }}
{% if i is divisibleby 7 and true %}y{% endif %}
{% filter upper %}a{{ w }}{% endfilter %}|{% filter replace('a', 'b') | upper %}aaa{% endfilter %}
{% macro f(x) %}<{{ caller(x) }}>{% endmacro %}{% call(v) f(3) %}v{{ v }}{% endcall %}
{% macro f() %}{{ varargs }}|{{ kwargs }}{% endmacro %}{{ f(1, 2, a=3) }}
{% for x in l %}{{ loop.revindex0 }}{{ loop.depth }}{% endfor %}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{% set ns.c = 3 %}{{ ns.c }}
{{ d | tojson(indent=4) }}
{{ d | tojson(2) }}
{{ d | tojson(false, 2) }}
{{ m | groupby('role') | list | length }}
{% for g in m | groupby('role') %}{{ g.grouper }}:{{ g.list | length }};{% endfor %}
{% for role, items in m | groupby('role') %}{{ role }}={{ items | map(attribute='n') | list }};{% endfor %}
{% for g, items in m | groupby('extra', default='-') %}{{ g }}{{ items | length }};{% endfor %}
{{ m | selectattr('n', 'gt', 1) | list | length }}|{{ m | selectattr('n', '>', 1) | list | length }}|{{ m | selectattr('n', 'in', [1, 3]) | list | length }}|{{ m | rejectattr('extra', 'undefined') | list | length }}|{{ m | selectattr('n', 'odd') | list | length }}|{{ m | selectattr('role', 'ne', 'tool') | list | length }}
{{ m | selectattr('role', 'in', ['user', 'x']) | map(attribute='n') | sum }}|{{ m | sum(attribute='n') }}|{{ [1, 2] | sum(start=10) }}
{{ d | dictsort }}|{{ d | dictsort(true) }}|{{ {'b': 1, 'a': 2} | dictsort(by='value') }}|{{ {'b': 1, 'a': 2} | dictsort(reverse=true) }}|{{ d | dictsort(case_sensitive=true) }}
{{ '%s is %d' | format('a', 3) }}|{{ '%05.2f|%-5s|%5s|%x|%+d|%e' | format(3.14159, 'ab', 'cd', 255, 5, 12345.678) }}
{{ '%(a)s-%(b)d' | format(a=1, b=2) }}|{{ '%(a)s' % {'a': 'x'} }}|{{ '%d%%' % 5 }}|{{ '%.3f' % 2 }}|{{ '%5d|' % 3 }}
{{ '{} and {}'.format('a', 1) }}|{{ '{0}{1}{0}'.format('a', 'b') }}|{{ '{x}'.format(x=3) }}|{{ '{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}'.format('a', 'b', 'c', 42, 3.14159, 1234567) }}|{{ '{{}}'.format() }}
{{ 'a'.center(5) }}|{{ 'ab'.rjust(4, '.') }}|{{ 'ab' | center(6) }}|
{{ 'hello world foo' | truncate(8) }}|{{ 'hello' | truncate(8) }}|{{ 'hello world foo' | truncate(9, true) }}|{{ 'hello world foo' | truncate(9, true, '..', 0) }}
{{ [3, 1, 2] | sort | first }}|{{ ['b', 'A', 'c'] | sort(case_sensitive=true) }}|{{ m | sort(attribute='role,n') | map(attribute='n') | list }}|{{ [1, 2] | reverse | list }}|{{ ['A', 'a', 'b'] | unique | list }}|{{ ['A', 'a'] | unique(case_sensitive=true) | list }}
{{ 3.7 | round }}|{{ 3.14159 | round(2, 'floor') }}|{{ 3.2 | round(0, 'ceil') }}|{{ '7' | int + 1 }}|{{ 'z' | int(5) }}|{{ '0x1f' | int(0, 16) }}|{{ 'a' | float(1.5) }}
{{ [1, 2] | min }}|{{ m | map(attribute='n') | max }}|{{ m | max(attribute='n') }}|{{ ['b', 'a'] | min }}|{{ [] | max }}
{{ l[1:3] }}|{{ l[::2] }}|{{ l[-2:] }}|{{ 'abc'[1:] }}|{{ l[:-1] | length }}|{{ (1, 2, 3)[1:] }}
{{ not true or true }}|{{ 1 + 2 * 3 }}|{{ (1 + 2) * 3 }}|{{ -2 ** 2 }}|{{ 2 ** 3 ** 2 }}|{{ 10 - 3 - 2 }}|{{ 7 % 4 * 2 }}|{{ 1 < 2 < 3 }}|{{ 3 > 2 > 2 }}|{{ not 1 == 2 }}
{{ 'a' if true else 'b' if false else 'c' }}|{{ ('x' if false) | default('d') }}|{{ 1 if n is none else 2 }}
{% if a is not defined %}u{% elif true %}v{% else %}w{% endif %}|{% if not (a is defined) %}u{% endif %}
{% for k, v in d | dictsort %}{{ k }}{{ v | string }};{% endfor %}|{% for i, x in enumerate(l) %}{% endfor %}
{% for a, b in zip([1], [2]) %}{{ a }}{% endfor %}
{% for x in l %}{% for y in l %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }}{% endfor %}{% endfor %}
{% for x in l if x is number and x > 1 %}{{ x }}{% else %}-{% endfor %}|{% for x in {} %}a{% else %}e{% endfor %}
{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A %H') }}
{{- ' a ' -}}  b  {{- 'c' }}
{# c #}
{{ "a" if "a" in "abc" and "b" not in ["c"] }}
{{ l | length > 2 }}|{{ l | length + 1 }}|{{ -l | length }}|{{ 'a' ~ l | length }}|{{ not l | length }}
{{ d.c }}|{{ d.get('zz', {}).get('y', 'none') }}|{{ (d.zz or {}).y is defined }}|{{ d['A'][0] }}|{{ d.A.0 }}
{{ s | trim | replace('\n', ' ') | lower }}|{{ s.strip().split('\n')[0] }}|{{ s.split('\n') | map('trim') | join(',') }}
{{ s | trim('A ') }}|{{ '--a--' | trim('-') }}|{{ 'abc' | replace('b', '') }}|{{ 'aaa' | replace('a', 'b', count=2) }}
{{ ['x', 'y'] | join(', ') | upper }}|{{ m | map(attribute='extra') | select | list }}|{{ m | map(attribute='extra') | select('defined') | list }}|{{ [none, 1] | reject('none') | list }}
{{ f(*[1, 2]) if false }}|{{ dict([('a', 1)]) }}|{{ dict(d, z=1) | length }}
{{ 'abc' | batch(2) | list }}|{{ 'abc' | list }}|{{ 'abc' | first }}|{{ 'abc' | last }}|{{ 'abc' | reverse }}|{{ 'abc' | length }}|{{ 'abc' | count }}
{{ 'abc' | indent(2) }}|{{ 'a\nb' | indent('> ', true) }}|{{ 'a\nb' | indent(width=3, first=true) }}
{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}
{% set f = 'x'.upper %}{{ f() }}|{{ [1,2].index(2) }}|{{ [1,1].count(1) }}|{{ (1, 2).index(2) }}
{{ 'a,b' .split(',') }}|{{ ' a '.strip() | length }}|{{ 'abc'.__len__ is defined }}|{{ 'abc'.__class__ }}
{{ d.__class__ }}
{% for line in s.splitlines() %}[{{ line }}]{% endfor %}|{{ 'a=b=c'.split('=', maxsplit=1) }}|{{ 'abc'.replace('a', 'x', 1) }}|{{ 'a-b'.split(sep='-') }}
{{ loop.index }}
{{ nope.x }}
{{ nope[0] }}
{{ 'é' | upper }}|{{ 'É' | lower }}|{{ 'éa' | capitalize }}|{{ 'ab cd' | title }}|{{ "they're bill's" | title }}|{{ "they're".title() }}
{{ (m | selectattr('role', 'equalto', 'user') | list)[-1].n }}|{{ (m | map(attribute='n') | list)[0] }}|{{ m[-1]['role'] }}|{{ m[:-1] | length }}|{{ m | first | length }}
{{ m | tojson }}|{{ m[0] | string }}|{{ m[0] | string | length }}|{{ (1, 'a', none, 1.5) | tojson }}|{{ '</script>\'&' | tojson }}|{{ 1e3 | tojson }}|{{ 'é' | tojson }}
{{ l | map('string') | join('|') }}|{{ l | select('number') | list }}|{{ l | select('string') | list }}|{{ [1, 2, 3] | select('gt', 1) | list }}|{{ [1, 2] | select('in', [2]) | list }}|{{ [3, 4] | reject('divisibleby', 2) | list }}
{% set g = m | selectattr('role', 'equalto', 'nobody') %}{{ 'some' if g else 'none' }}|{% for x in g %}{{ x.n }}{% endfor %}
{% set g = m | map(attribute='n') %}{{ g | join(',') }}|{{ g | join(',') }}|{{ g | list }}
{{ m | map(attribute='n') | length }}
{{ (m | map(attribute='n'))[0] is defined }}|{{ 2 in (m | map(attribute='n')) }}|{{ (m | map(attribute='n')) is iterable }}|{{ (m | map(attribute='n')) is sequence }}
{{ m | map(attribute='role') | first }}|{{ ','.join(m | map(attribute='role')) }}|{{ m | map(attribute='n') | sum }}|{{ m | map(attribute='n') | max }}|{{ m | map(attribute='n') | sort }}|{{ m | map(attribute='role') | unique | list }}
{{ m | map(attribute='n') | last }}
{{ l | reverse | first }}|{{ l | reverse | join }}|{{ d | items | first }}|{{ (d | items) is mapping }}
{{ m | map(attribute='n') | tojson }}
{{ l | reverse | length }}
{% for g in m | groupby('role') %}{{ g[0] }}{{ g[1] | length }}{{ g.list | map(attribute='n') | join }}{% endfor %}|{{ (m | groupby('role'))[0].grouper }}
{% for x in m | selectattr('n', 'ge', 2) %}{{ loop.index }}/{{ loop.length }}{{ loop.last }}{% endfor %}
{{ ['a', 'b'] | map('upper') | reverse | list }}
{{ '%s' % ('a',) }}|{{ '%s %s' % ('a', none) }}|{{ '%r' % 'q' }}|{{ '%5.1f|%-8.3e|%g|%g|%G' % (2.25, 12345.6789, 0.00001, 1234567.0, 0.5) }}|{{ '%i%%' % 3.7 }}|{{ '%+.2f' % -1.005 }}|{{ '%03d' % -5 }}|{{ '%#x' % 255 }}|{{ '%X' % 255 }}|{{ '%o' % 8 }}|{{ '%.2s' % 'abc' }}|{{ '% d' % 5 }}
{{ '%s' % [1, 2] }}|{{ '%s' % {'a': 1} }}|{{ '%d' % true }}|{{ '%c' % 'x' }}
{{ '%d' % 'x' }}
{{ '%s %s' % 'x' }}
{{ '{:d}|{:+d}|{:x}|{:#x}|{:b}|{:e}|{:.3g}|{:g}|{:%}|{:.1%}'.format(5, 5, 255, 255, 5, 1234.5, 3.14159, 100000.0, 0.5, 0.256) }}
{{ '{:*^9}|{:->6}|{:=+6d}|{:06.2f}|{:10}|{:<10}|{:10.3}|{!r:>5}'.format('mid', 'r', 5, 3.14159, 'left', 7, 'abcdef', 'q') }}
{{ '{0[a]}|{0[b][0]}|{x[1]}|{}'.format({'a': 1, 'b': [2]}, x=[1, 2]) if false }}|{{ '{0[a]}'.format({'a': 1}) }}|{{ '{a} {b}'.format(a=1, b='x') }}|{{ '{:s}'.format('x') }}|{{ '{:,}'.format(1234567.891) }}|{{ '{:,.2f}'.format(1234567.891) }}
{{ '{}'.format(none) }}|{{ '{}'.format([1]) }}|{{ '{}'.format(true) }}|{{ '{:5}|{:<5}|'.format(true, none) if false }}
{{ '{} {}'.format(1) }}
{{ [1] * 2 + [3] }}|{{ (1,) + (2,) }}|{{ (1, 2,) }}|{{ [(1,), (2, 3,)] }}|{{ dict(a=(1,)) }}|{{ [1, 2,] | length }}|{{ range(1, 3,) | list }}
{% if 'a' in ('a',) %}y{% endif %}|{% if not ('b',) == ('b',) %}n{% else %}m{% endif %}|{% for a, b in ((1, 2),) %}{{ a }}{{ b }}{% endfor %}
{% if l is defined and l is not none and 3 is in l %}y{% endif %}|{{ 'x' if i is divisibleby 7 else 'y' }}|{{ i is not divisibleby(2) }}|{{ i is not in [1, 2] }}|{{ (i is in [7]) and true }}|{{ i + 1 is eq(8) }}|{{ not i is eq 7 }}
{% if m[0].role is in ['user', 'x'] %}y{% endif %}|{{ i is eq l[0] }}|{{ 'user' is eq m[0].role }}|{{ 'user' is eq m[0]['role'] and true }}|{{ 3 is in l | list }}
{% for x in m if x.role is eq('user') %}{{ x.n }}{% endfor %}|{% for x in m if x.role is in ('user',) %}{{ x.n }}{% endfor %}|{% for x in l if x is string %}{{ x }}{% endfor %}
{% with a = [1, 2], b = {'c': (3, 4)} %}{{ a }}{{ b.c }}{% endwith %}|{% with x = i %}{% with y = x + 1 %}{{ x }}{{ y }}{% endwith %}{% endwith %}
{% for x in l %}{% with y = x %}{{ loop.index }}{{ y }}{% endwith %}{% endfor %}
{% filter trim | upper %} a {% filter replace('b', 'c') %}b{% endfilter %} {% endfilter %}
a  {% raw %} {{ a }} {% endraw %}  b
a {%- raw %} {{ "q" }} \n {%- endraw -%} b
{% raw %}{% for %}'"{{- x -}}{% endraw %}|{% raw %}{# c #}{% endraw %}{{ i }}
{{ 1.0e2 }}|{{ 1e-3 }}|{{ 2E+2 }}|{{ 1e3 | int }}|{{ 12_345 }}|{{ [1e1, 2] }}
{{ d | tojson(true) }}|{{ d | tojson(ensure_ascii=false, indent=1) }}|{{ d | tojson(indent='--') }}|{{ d | tojson(indent=0) }}
{{ l.index(1) }}|{{ l.count(1) }}|{{ (1, 2).count(2) }}|{{ 'abc'.count('') }}|{{ 'a-b'.partition('-')[2] }}
{{ s.center(20, '*') }}|{{ 'aBc'.swapcase() }}|{{ 'STRASSE'.casefold() }}|{{ 'é'.isascii() }}|{{ 'abc' | center(8) }}|{{ 'abcd'.center(7) }}|{{ 'abc'.center(6) }}
{{ w | truncate(5) }}|{{ w | truncate(5, leeway=0) }}|{{ w | truncate(6, true, leeway=0) }}|{{ 'é😀é😀é😀é😀é' | truncate(5, true, '!', 0) }}
{{ m | sort(attribute='role,n', reverse=true) | map(attribute='n') | list }}|{{ m | sort(attribute='n') | map(attribute='n') | first }}
{{ 10 // 3 ~ '' }}|{{ '5' * 2 }}|{{ [] * 3 }}|{{ 2 * 'ab' }}|{{ true + 1 }}
b' }}
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
