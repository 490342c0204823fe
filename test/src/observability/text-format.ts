/** One sample line of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const COMMENT = /^# (HELP|TYPE) (\S+) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const types = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/**
 * Reads the text format 0.0.4 strictly: throws where a scraper might be lenient. Every family has its HELP and TYPE,
 * once and first, and its samples in one block; a series is there once; histograms are cumulative and complete.
 */
export function parseMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const reader = new Reader();
  const lines = text.slice(0, -1).split('\n');
  for (const [i, line] of lines.entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${i + 1}: ${why}: ${line}`);
    };
    if (line.startsWith('#')) reader.comment(line, fail);
    else if (line !== '') reader.sample(line, fail);
  }
  for (const family of reader.families.values()) if (family.type === 'histogram') checkHistogram(family);
  return reader.families;
}

type Fail = (why: string) => never;

/** The families so far, and what the next line may belong to. */
class Reader {
  readonly families = new Map<string, Family>();
  readonly #seen = new Set<string>();
  #help: { name: string; text: string } | undefined;
  #current: Family | undefined;

  comment(line: string, fail: Fail): void {
    const [, kind, name = '', rest = ''] = COMMENT.exec(line) ?? fail('not HELP and not TYPE');
    if (!NAME.test(name)) fail('not a name');
    if (this.families.has(name)) fail('the family is there already');
    if (kind === 'HELP') {
      if (this.#help) fail('a HELP without its TYPE before it');
      this.#help = { name, text: rest };
      return;
    }
    if (!types.has(rest)) fail('no such type');
    if (this.#help?.name !== name) fail('a TYPE without its HELP');
    this.#current = { name, type: rest, help: this.#help!.text, samples: [] };
    this.#help = undefined;
    this.families.set(name, this.#current);
  }

  sample(line: string, fail: Fail): void {
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? fail('not a sample');
    const family = this.#current;
    if (!family || !belongs(name, family)) return fail('outside its family');
    const sample = { name, labels: labelsOf(labels, fail), value: numberOf(value, fail) };
    const key = `${name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (this.#seen.has(key)) fail('the series is there already');
    this.#seen.add(key);
    family.samples.push(sample);
  }
}

function belongs(name: string, { name: family, type }: Family): boolean {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].some((end) => name === family + end);
  return name === family;
}

function labelsOf(text: string, fail: Fail): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? fail('labels that cannot be read');
    if (name! in labels) fail(`the label ${name} is there twice`);
    labels[name!] = value!.replaceAll(/\\(["\\n])/g, (_, c: string) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

function numberOf(text: string, fail: Fail): number {
  const special: Record<string, number> = { '+Inf': Infinity, '-Inf': -Infinity, NaN: NaN };
  if (text in special) return special[text]!;
  const value = Number(text);
  return Number.isNaN(value) ? fail('not a number') : value;
}

function checkHistogram({ name, samples }: Family): void {
  const without = ({ le: _, ...labels }: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(labels).sort());
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = without(sample.labels);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const [labels, group] of groups) {
    const buckets = group.filter((s) => s.name === `${name}_bucket`);
    const bounds = buckets.map((s) => numberOf(s.labels['le']!, () => NaN as never));
    const count = group.find((s) => s.name === `${name}_count`)?.value;
    const wrong = (why: string) => new Error(`${name}${labels}: ${why}`);
    if (!group.some((s) => s.name === `${name}_sum`)) throw wrong('no sum');
    if (bounds.at(-1) !== Infinity) throw wrong('no bucket +Inf');
    if (buckets.at(-1)!.value !== count) throw wrong('the last bucket is not the count');
    for (let i = 1; i < buckets.length; i++) {
      if (bounds[i]! <= bounds[i - 1]!) throw wrong('bounds that do not rise');
      if (buckets[i]!.value < buckets[i - 1]!.value) throw wrong('buckets that are not cumulative');
    }
  }
}

/** Sum of the samples of a family (of its count, for a histogram) that have these labels. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name);
  const wanted = family?.type === 'histogram' ? `${name}_count` : name;
  const found = (family?.samples ?? []).filter(
    (s) => s.name === wanted && Object.entries(labels).every(([label, value]) => s.labels[label] === value),
  );
  return found.length ? found.reduce((sum, s) => sum + s.value, 0) : undefined;
}
