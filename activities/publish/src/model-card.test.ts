import { type ArtifactRef, type Digest, type ModelMeta, type TokensMeta } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modelCard, type ModelCard } from './model-card.js';

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const base: ArtifactRef<'base-model'> = { kind: 'base-model', digest: digest('a'), uri: '' };
const spec = parsePipelineSpec({ name: 'mail', model: { base: '/m' }, dataset: { train: '/a.csv' } });
const tokens = { splits: {}, cleaning: { read: 3, kept: 3, dropped: {} } } as unknown as TokensMeta;

function cardOf(
  more: Partial<ModelMeta['lineage']>,
  { metrics = {}, verdicts }: Partial<Pick<ModelMeta, 'metrics'> & Pick<ModelCard, 'verdicts'>> = {},
  given: Partial<Pick<ModelCard, 'spec' | 'tokens'>> = {},
): string {
  const made = { dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') };
  const meta: ModelMeta = {
    ...{ task: spec.task, format: 'full', base, labelNames: [], maxLength: 8, method: {}, metrics },
    lineage: { ...made, ...more },
  };
  return modelCard({ spec, meta, tokens, base: '/m', verdicts, ...given });
}

describe('the card of a model', () => {
  it('shows how often a classifier is right where it is so sure', () => {
    const calibration = [{ from: 0.8, to: 13 / 15, rows: 4, confidence: 0.85, accuracy: 0.75 }];
    const card = cardOf({}, { metrics: { test: { ece: 0.1, calibration } } });
    expect(card).toMatch(/0\.80 to 0\.87 \| +4 \| +0\.85\d* \| +0\.75/);
    expect(cardOf({})).not.toContain('Reliability');
  });

  it('tells of several sources what became of the rows of each', () => {
    const train = [{ source: '/data/a|b.csv' }, { source: 'https://h/c.csv?token=1', weight: 2 }];
    const several = parsePipelineSpec({ name: 'mail', model: { base: '/m' }, dataset: { train } });
    const sources = [
      { weight: 1, rows: 10, kept: 10, dropped: {}, examples: 8 },
      { weight: 2, rows: 20, kept: 18, dropped: { duplicate: 2 }, examples: 30 },
    ];
    const card = cardOf({}, {}, { spec: several, tokens: { ...tokens, sources } });
    expect(card).toMatch(/`a\\\|b\.csv` +\| +10 +\| +10 +\| +nothing +\| +1 +\| +8/);
    expect(card).toMatch(/`https:\/\/h\/c\.csv\?…` +\| +20 +\| +18 +\| +2 duplicate +\| +2 +\| +30/);
    expect(card).not.toContain('token=1');
  });

  it('says what people did to its run', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const checkpoint: ArtifactRef<'checkpoint'> = { kind: 'checkpoint', digest: digest('f'), uri: '' };
    const card = cardOf({
      forkedFrom: { runId: 'mail-1', step: 20, checkpoint },
      changes: [{ id: '1', by: 'ann', at, step: 40, learningRate: 1e-5, note: 'a|b' }],
      approval: { decision: 'approved', by: 'eve', comment: 'looks right', at },
    });
    expect(card).toContain('Training began at step 20 of the run `mail-1`.');
    expect(card).toContain(`| 40 | learningRate 0.00001 | ann, ${at} | a\\|b |`);
    expect(card).toContain(`Approved by eve, ${at}: looks right.`);
  });

  it('says nothing of it where nobody did anything, and names what it was made from', () => {
    const card = cardOf({});
    for (const word of ['Approved', 'Changed', 'began at']) expect(card).not.toContain(word);
    expect(card).toContain(`| checkpoint | \`${digest('d')}\` |`);
  });

  it('is no more than text, whatever names, labels and notes are', () => {
    const evil = '</td><script>x</script>\n\n# [a](javascript:x) `b` | &lt; \u001b[31m\u202e';
    const at = '2026-01-01T00:00:00.000Z';
    const meta: ModelMeta = {
      ...{ task: spec.task, format: 'full', base, labelNames: [], maxLength: 8, method: { initFrom: evil } },
      metrics: { test: { f1: 1, confusionMatrix: [[1]], labels: [evil] } },
      lineage: {
        ...{ dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') },
        changes: [{ id: '1', by: evil, at, step: 40, learningRate: 1e-5, note: evil }],
        approval: { decision: 'approved', by: evil, comment: evil, at },
      },
    };
    const card = modelCard({ spec, meta, tokens, base: evil });
    const [, front, ...rest] = card.split('---\n');
    expect(parse(front!)).toMatchObject({ base_model: evil, tags: ['temper'] });
    const body = rest.join('---\n');
    // What is in code spans is text already.
    const text = body.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/gs, '');
    expect(text).not.toMatch(/(?<!\\)(<script|\[a\]|&lt)/);
    expect(body).not.toMatch(/^#+ *\\?\[a/m);

    expect(card).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    for (const row of body.split('\n').filter((line) => line.startsWith('| **')))
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
  });

  it('has the verdict, in which no label is markup, and how far the metrics can be trusted', () => {
    const card = cardOf(
      {},
      {
        metrics: { base: { f1: 0.4 }, test: { f1: 0.9, interval95: { f1: [0.85, 0.95] } } },
        verdicts: [{ name: 'underfit', evidence: 'most are "<b>*a*"', change: 'training.epochs: 2' }],
      },
    );
    expect(card).toContain('| f1 | 0.4000 | 0.9000 | 0.8500 to 0.9500 |');
    expect(card).toContain(
      '## Verdict\n\n- **underfit**: most are "\\<b\\>\\*a\\*"; to change: `training.epochs: 2`',
    );
    expect(cardOf({})).not.toContain('Verdict');
  });

  it('names the base model that an adapter needs as transformers loads it, and no label', () => {
    const made = { dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') };
    const meta: ModelMeta = {
      ...{ task: spec.task, format: 'adapter', base, labelNames: ['a"""b', 'c'], maxLength: 8 },
      ...{ method: {}, metrics: {}, lineage: made },
    };
    const card = modelCard({ spec, meta, tokens, base: '/m' });
    expect(card).toContain('npx temper models export mail@candidate ./mail --base ./mail-base');
    expect(card).toContain('npx temper models export mail@candidate ./mail-merged --format merged');
    expect(card).toContain('pip install torch transformers peft');
    expect(card.slice(card.indexOf('## Use'))).not.toContain('a"""b');
  });

  it('shows no program of PEFT for an adapter that PEFT cannot load', () => {
    const made = { dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') };
    const own = parsePipelineSpec({ ...spec, method: { type: 'adapter' } });
    const meta: ModelMeta = {
      ...{ task: spec.task, format: 'adapter', base, labelNames: ['a', 'b'], maxLength: 8 },
      ...{ method: { type: 'adapter' }, metrics: {}, lineage: made },
    };
    const card = modelCard({ spec: own, meta, tokens, base: '/m' });
    expect(card).toContain('npx temper predict mail@candidate');
    expect(card).toContain('PEFT has no adapter of this kind');
    expect(card).not.toMatch(/library_name|from peft|PeftModel|```python/);
  });
});
