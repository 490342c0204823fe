import { TemperError } from '@temper/contracts';
import type { Module } from '@temper/models';
import { expect, test } from 'vitest';
import { full } from './full.js';
import { userPattern } from './pattern.js';
import { byName, targeted, type TargetFields } from './targets.js';

const modules = Array.from({ length: 40 }, (_, layer): Module => {
  const name = `model.layers.${layer}.self_attn_with_a_name_of_many_letters.q_proj`;
  return { name, type: 'linear', kind: 'attention', inputs: 2, outputs: 2, bias: false, layer } as never;
});

function refusal(body: () => unknown) {
  const start = performance.now();
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    const { code, problems } = error as TemperError;
    return { code, ...problems[0]!, took: performance.now() - start };
  }
  throw new Error('nothing was refused');
}

/** Each takes longer than anybody lives on these names. */
test.each<[keyof TargetFields, string]>([
  ['targetModules', '(\\w+)+!'],
  ['targetModules', '(?=(\\w|\\w)*!)q'],
  ['excludeModules', '(?:\\w{1,9}){1,99}!'],
])('%s of the spec or of an adapter: %s is bounded', (field, pattern) => {
  const found = `model.layers.\\d+.${pattern}`;
  const { took, ...problem } = refusal(() =>
    targeted(modules, { targetModules: ['q_proj'], [field]: found }),
  );
  const message = 'takes too long to compare with names';
  expect(problem).toMatchObject({ code: 'SPEC_INVALID', path: `method.${field}`, message, found });
  expect(took).toBeLessThan(15_000);
});

test('keys of a rank pattern have their time together, over all modules', () => {
  const rankPattern = { '\\d+\\.(\\w+)+!': 4 };
  const { took, ...problem } = refusal(() => {
    for (const { name } of modules) byName(rankPattern, name, 'rankPattern', 8);
  });
  expect(problem).toMatchObject({ code: 'SPEC_INVALID', path: 'method.rankPattern' });
  expect(took).toBeLessThan(15_000);
});

test('weights that are frozen, too', () => {
  const spec = { type: 'full' as const, freeze: ['(\\w+)+!'] };
  const problem = refusal(() => full.check(spec, { modules } as never));
  expect(problem).toMatchObject({ code: 'SPEC_INVALID', path: 'method.freeze' });
});

test.each([
  ['is no regular expression', '('],
  ['is no regular expression', `${'('.repeat(4_000)}a${')'.repeat(3_999)}`],
  ['is too long for a regular expression', '((((a?){3}){3}){3}){3}'.repeat(5_000)],
])('%s: said in a line', (message, pattern) => {
  const problem = refusal(() => userPattern(pattern, pattern, 'method.freeze').test('aaaa'));
  expect(problem).toMatchObject({ code: 'SPEC_INVALID', path: 'method.freeze', message });
  expect(problem.found!.length).toBeLessThanOrEqual(200);
});

test.each([
  ['.*\\.(q_proj|v_proj)', true],
  ['model\\.layers\\.(?:[0-9]|1[0-9])\\..*q_proj', true],
  ['^(?!.*(lm_head|visual)).*(q_proj|v_proj)$', true],
  [
    '(?:.*?(?:language|model).*?(?:self_attn\\w*|attention).*?(?:q_proj|k_proj).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:mlp))',
    true,
  ],
  ['.*\\.k_proj', false],
])('%s, as users write them, is an expression like any other', (pattern, matches) => {
  const expression = userPattern(`^(?:${pattern})$`, pattern, 'method.targetModules');
  expect(modules.map(({ name }) => expression.test(name))).toContain(matches);
  expect(expression.test('model.layers.1.self_attn.o_proj')).toBe(false);
});
