import { join } from 'node:path';
import type { Precision } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import type { TokenRow } from '../parity/golden.js';
import { smollm2Folder, writeClassifier } from '../parity/real-models.js';
import { gsm8kRows } from './gsm8k.js';
import { randomRows, shortTextLengths } from './synthetic.js';

/** One line of the table: the same model, batches and settings on both sides. */
export interface BenchRow {
  readonly id: string;
  readonly title: string;
  readonly task: 'sequence-classification' | 'causal-lm';
  readonly model: string;
  readonly classes: number;
  readonly lora?: { readonly r: number; readonly alpha: number; readonly targetModules: string[] };
  /** Of a row without a peer: another method than full fine-tuning or LoRA. */
  readonly method?: PipelineSpecInput['method'] | undefined;
  /** Of the frozen weights; default fp32. */
  readonly precision?: Precision | undefined;
  /** Folder of the adapter that both sides start from. */
  readonly initFrom?: string | undefined;
  /** LoRA over a base in 4 bits; the peer computes with the values that they leave. */
  readonly nf4?: boolean | undefined;
  readonly batch: number;
  readonly learningRate: number;
  /** Batches of a step; default 1. */
  readonly accumulation?: number | undefined;
  /** Several examples in a sequence of so many tokens. */
  readonly packed?: number | undefined;
  readonly train: readonly TokenRow[];
  /** Evaluated before and after, where given. */
  readonly test?: readonly TokenRow[];
  readonly steps: number;
  /** From checkpoint to checkpoint; default: that of the spec. */
  readonly saveSteps?: number | undefined;
  /** How many times each side is run, alternating. */
  readonly rounds: number;
}

export interface RowOptions {
  readonly quick: boolean;
  /** For models that are written first. */
  readonly folder: string;
  /** Folder with train.jsonl and test.jsonl ({question, answer}); without it that row is left out. */
  readonly gsm8k?: string | undefined;
}

const lora = { r: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'] };

/** In the order of the table. Each is made only when it is asked for: models are fetched and prepared on the way. */
export const rows: Readonly<Record<string, (options: RowOptions) => Promise<BenchRow | undefined>>> = {
  'smollm2-lora': async ({ quick }) => ({
    id: 'smollm2-lora',
    title: 'SmolLM2-135M, LoRA r=8 on q,v, 4×128 tokens, every label',
    task: 'causal-lm',
    model: await smollm2Folder(),
    classes: 0,
    lora,
    batch: 4,
    learningRate: 2e-4,
    train: randomRows({ seed: 1, lengths: Array.from({ length: 64 }, () => 128), vocabulary: 49_152 }),
    steps: quick ? 4 : 10,
    rounds: quick ? 1 : 3,
  }),
  'minilm-full': async ({ quick, folder }) => ({
    id: 'minilm-full',
    title: 'MiniLM-L6, 3 classes, full fine-tuning, short texts, batch 16',
    task: 'sequence-classification',
    model: await classifierFolder(folder),
    classes: 3,
    batch: 16,
    learningRate: 2e-5,
    train: randomRows({ seed: 2, lengths: shortTextLengths(4000, 128), vocabulary: 30_522, classes: 3 }),
    steps: quick ? 6 : 30,
    rounds: quick ? 1 : 3,
  }),
  gsm8k: async ({ quick, gsm8k }) =>
    gsm8k === undefined
      ? undefined
      : {
          id: 'gsm8k',
          title: 'SmolLM2-135M, LoRA, 160 rows of GSM8K, completions only, batch 4',
          task: 'causal-lm',
          classes: 0,
          lora,
          batch: 4,
          learningRate: 2e-4,
          steps: quick ? 3 : 40,
          rounds: 1,
          ...(await gsm8kRows(gsm8k)),
        },
};

/** With a head, so that both sides begin alike, and without dropout, so that they go on alike. */
async function classifierFolder(folder: string): Promise<string> {
  const target = join(folder, 'minilm');
  await writeClassifier(target, { classes: 3, seed: 7, bound: 0.05 });
  return target;
}
