import { describe, expect, it } from 'vitest';
import { parseMetrics, valueOf } from './text-format.js';

const head = (name: string, type: string) => `# HELP ${name} Help.\n# TYPE ${name} ${type}\n`;

describe('the strict parser of the text format', () => {
  it('reads families, labels with escapes, and special numbers', () => {
    const families = parseMetrics(
      `${head('a_total', 'counter')}a_total{x="1",y="q\\"\\\\\\n"} 3\na_total{x="2"} 4\n\n${head('g', 'gauge')}g NaN\n`,
    );
    expect(families.get('a_total')!.samples[0]!.labels).toEqual({ x: '1', y: 'q"\\\n' });
    expect(valueOf(families, 'a_total')).toBe(7);
    expect(valueOf(families, 'a_total', { x: '2' })).toBe(4);
    expect(valueOf(families, 'a_total', { x: '3' })).toBeUndefined();
    expect(valueOf(families, 'g')).toBeNaN();
  });

  it.each([
    ['no end of line', `${head('a', 'gauge')}a 1`],
    ['a sample without a family', 'a 1\n'],
    ['a family without HELP', '# TYPE a gauge\na 1\n'],
    [
      'a family twice',
      `${head('a', 'gauge')}a 1\n${head('b', 'gauge')}b 1\n${head('a', 'gauge')}a{x="1"} 1\n`,
    ],
    ['a sample of another family', `${head('a', 'gauge')}a 1\n${head('b', 'gauge')}a{x="1"} 1\n`],
    ['a series twice', `${head('a', 'gauge')}a{x="1",y="2"} 1\na{y="2",x="1"} 1\n`],
    ['a label twice', `${head('a', 'gauge')}a{x="1",x="2"} 1\n`],
    ['an unfinished label', `${head('a', 'gauge')}a{x="1} 1\n`],
    ['a value that is none', `${head('a', 'gauge')}a one\n`],
    ['a histogram without +Inf', `${head('h', 'histogram')}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`],
    [
      'buckets that are not cumulative',
      `${head('h', 'histogram')}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    ],
  ])('refuses %s', (_, text) => {
    expect(() => parseMetrics(text)).toThrow();
  });
});
