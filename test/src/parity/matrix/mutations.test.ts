import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from './compare.js';
import { trainCell } from './engine.js';
import { readCell, type Cell } from './golden.js';

/** What a mistake in the engine would amount to, made in what the engine is given. */
interface Mutation {
  readonly cell: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly training?: PipelineSpecInput['training'];
  /** What then differs, among the rest. */
  readonly found: RegExp;
}

const bert = 'bert/full/sequence-classification';
const llama = 'llama/lora/causal-lm';
const mutations: Readonly<Record<string, Mutation>> = {
  'an epsilon of LayerNorm of 1.9e-3 for 2e-3': {
    cell: bert,
    config: { layer_norm_eps: 1.9e-3 },
    found: /^loss of step 1:/,
  },
  'an epsilon of RMSNorm of 2.9e-3 for 3e-3': {
    cell: llama,
    config: { rms_norm_eps: 2.9e-3 },
    found: /^loss of step 1:/,
  },
  'a window of 5 for 4': {
    cell: 'mistral/full/causal-lm',
    config: { sliding_window: 5 },
    found: /^loss of step 1:/,
  },
  'a rotary base that is 1% off': {
    cell: llama,
    config: { rope_parameters: { rope_type: 'default', rope_theta: 101 } },
    found: /^loss of step 1:/,
  },
  'decay of 0.06 for 0.05': { cell: bert, training: { weightDecay: 0.06 }, found: /weight: .* away/ },
  'a warm-up of one step more': { cell: llama, training: { warmupSteps: 3 }, found: /^learningRate/ },
  'clipping at 1.2 for 1': { cell: bert, training: { maxGradNorm: 1.2 }, found: /away/ },
};

/** A cell that cannot fail shows nothing. */
describe('the matrix finds', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-mutation-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.entries(mutations))('%s', async (name, { cell, config, training, found }) => {
    const golden = readCell(cell);
    const changed: Cell = { ...golden, config: { ...golden.config, ...config } };
    const trained = await trainCell(changed, join(folder, name.replaceAll(/\W+/g, '-')), { training });
    expect(differences(trained).filter((line) => found.test(line))).not.toEqual([]);
  });

  it('a weight that is trained and should not be', async () => {
    const golden = readCell(llama);
    const [first, ...others] = Object.entries(golden.weights);
    const trained = await trainCell({ ...golden, weights: Object.fromEntries(others) }, join(folder, 'more'));
    expect(differences(trained)).toEqual([`${first![0]} is trained here alone`]);
  });
});
