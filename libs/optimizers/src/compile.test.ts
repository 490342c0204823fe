import { compileKernel } from '@temper/graph';
import { describe, expect, it } from 'vitest';
import { compileUpdate, slotShape } from './compile.js';
import { optimizerNames, optimizerOf, settingsOf } from './table.js';

const parameters = [
  { kind: 'kernel', shape: [80, 96] },
  { kind: 'kernel', shape: [96, 80] },
  { kind: 'embedding', shape: [40, 8] },
  { kind: 'bias', shape: [96] },
] as const;

/** Everything that the rules of an optimizer replace, and what of it may be written over itself. */
function replacements(name: (typeof optimizerNames)[number]) {
  const settings = settingsOf(name, {});
  return parameters.flatMap((parameter) => {
    const rule = optimizerOf(name).rule(parameter, settings);
    const { graph, inPlace } = compileUpdate(rule, settings, parameter.shape.length);
    const outputs = ['param', ...Object.keys(rule.slots)];
    expect(graph.outputs.map((output) => output.name)).toEqual(outputs.map((output) => `new_${output}`));
    return outputs.map((output) => [`${rule.name} ${output}`, inPlace.has(output)] as const);
  });
}

describe('compiled updates', () => {
  it('are written over what they replace, unless something else reads that as well', () => {
    const all = new Map(optimizerNames.flatMap(replacements));
    const copied = [...all].filter(([, isInPlace]) => !isInPlace).map(([output]) => output);
    // Lion's direction reads the momentum before the momentum moves on.
    expect(copied).toEqual(['lion exp_avg']);
    expect(all.size).toBeGreaterThan(15);
  });

  it('of elementwise rules are kernels', () => {
    for (const name of optimizerNames) {
      const settings = settingsOf(name, {});
      for (const parameter of parameters) {
        const rule = optimizerOf(name).rule(parameter, settings);
        const { graph } = compileUpdate(rule, settings, parameter.shape.length);
        expect(!!compileKernel(graph, 64), rule.name).toBe(rule.granularity === 'element');
      }
    }
  });

  it('keep an axis of length 1 where a slot has none', () => {
    expect(slotShape({ per: 'element' }, [3, 4])).toEqual([3, 4]);
    expect(slotShape({ per: 'row' }, [3, 4])).toEqual([3, 1]);
    expect(slotShape({ per: 'column' }, [2, 3, 4])).toEqual([2, 1, 4]);
  });
});
