// node test/dist/parity/export-models.js FOLDER: trains, exports, and writes the logits of the trained graphs for check_export.py.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportMerged, exportTrained, mergeRefusal, publishedFormat } from '@temper/methods';
import { openModel, readSafetensors } from '@temper/models';
import { definitionOf } from '@temper/tasks';
import { readRows, type TokenRow } from './golden.js';
import { smollm2Folder, writeClassifier } from './real-models.js';
import { goldenSource } from './source-folder.js';
import type { TokenTraining } from './store-inputs.js';
import { trainedLogits } from './trained-logits.js';
import { trainingOf, trainTo } from './train-rows.js';

const folder = resolve(process.argv[2] ?? 'exports');
await mkdir(folder, { recursive: true });
const minilm = join(folder, 'minilm-base');
await writeClassifier(minilm, { classes: 3, seed: 7, bound: 0.05 });

type Case = Omit<TokenTraining, 'splits' | 'training'> & { readonly data: string; readonly steps: number };
const lora = (targetModules: string[]) => ({ type: 'lora', r: 4, alpha: 8, targetModules }) as const;
const cases: Readonly<Record<string, Case>> = {
  'tiny-llama-full': {
    modelFolder: goldenSource('tiny-llama'),
    data: 'tiny-llama.jsonl',
    task: 'causal-lm',
    method: { type: 'full' },
    steps: 20,
  },
  'tiny-llama-lora': {
    modelFolder: goldenSource('tiny-llama'),
    data: 'tiny-llama.jsonl',
    task: 'causal-lm',
    method: lora(['q_proj', 'v_proj', 'down_proj']),
    steps: 20,
  },
  'tiny-bert-lora': {
    modelFolder: goldenSource('tiny-bert'),
    data: 'tiny-bert.jsonl',
    task: 'sequence-classification',
    method: lora(['query', 'value']),
    steps: 20,
  },
  'minilm-full': {
    modelFolder: minilm,
    data: 'minilm-full.jsonl',
    task: 'sequence-classification',
    method: { type: 'full' },
    steps: 5,
  },
  'smollm2-lora': {
    modelFolder: await smollm2Folder(),
    data: 'smollm2-lora.jsonl',
    task: 'causal-lm',
    method: lora(['q_proj', 'v_proj']),
    steps: 5,
  },
};

for (const [name, { data, steps, ...run }] of Object.entries(cases)) {
  const rows = readRows(data);
  const target = join(folder, name);
  await mkdir(target, { recursive: true });
  const training = { ...trainingOf({ batch: 4, learningRate: 1e-3 }), maxSteps: steps };
  const { spec, weightsFile } = await trainTo(target, { ...run, rows, training });
  const model = await openModel(run.modelFolder);
  const weights = await readSafetensors(weightsFile);
  const classes = run.task === 'sequence-classification' ? classesOf(rows) : 0;
  const labelNames = Array.from({ length: classes }, (_, i) => String(i));
  const options = { model, task: definitionOf({ task: run.task }).head, labelNames, weights };
  const exported = join(target, 'exported');
  await exportTrained(exported, { ...options, method: spec.method });
  const merges = publishedFormat(spec.method) === 'adapter' && mergeRefusal(spec.method) === undefined;
  if (merges) await exportMerged(join(target, 'merged'), { ...options, method: spec.method });
  const logits = [];
  for (const { input_ids: inputIds } of rows.slice(0, 4)) {
    const graphs = join(target, 'graphs');
    logits.push(
      await trainedLogits({ spec, modelFolder: run.modelFolder, classes, weights, inputIds, folder: graphs }),
    );
  }
  const inputs = rows.slice(0, 4).map((row) => row.input_ids);
  const check = { task: run.task, base: run.modelFolder, method: spec.method.type, inputs, logits };
  await writeFile(join(target, 'ours.json'), JSON.stringify(check));
  process.stdout.write(`${name}: trained ${steps} steps, exported\n`);
}

function classesOf(rows: readonly TokenRow[]): number {
  return Math.max(...rows.map((row) => row.labels as number)) + 1;
}
