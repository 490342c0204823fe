import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { temper } from './temper.js';
import { sentences, writeCsv, writeTinyBert } from './tiny-classifier.js';

let folder: string;
const at = (name: string) => join(folder, name);

const good = {
  name: 'bad-input',
  model: { base: 'model' },
  dataset: { train: 'train.csv' },
  method: { type: 'full' } as object,
  training: { epochs: 1 } as object,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-bad-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(40));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a spec that must be refused: exit code 2 within ten seconds, no stack, nothing started or queued. */
async function refused(spec: object | string): Promise<string> {
  const text = typeof spec === 'string' ? spec : stringify(spec);
  await writeFile(at('spec.yaml'), text);
  const { code, stderr, stdout, milliseconds } = await temper(folder, 'run', 'spec.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(milliseconds).toBeLessThan(10_000);
  expect(stderr).not.toMatch(/\n\s+at .*[:(]\d+/);
  expect(stderr).not.toContain('TEMPER_DEBUG');
  // No services were ever started here, so no queue knows the run.
  expect(await readdir(folder)).not.toContain('.temper');
  return stderr;
}

describe('a spec that cannot run is refused before anything is queued', () => {
  it('unknown field', async () => {
    const said = await refused({ ...good, training: { epoch: 1 } });
    expect(said).toContain('training.epoch: unknown field');
    expect(said).toContain('here: training.epochs');
  });

  it('wrong type', async () => {
    const said = await refused({ ...good, training: { epochs: 'many' } });
    expect(said).toMatch(/training\.epochs: .*number/);
    expect(said).toContain('found: "many"');
  });

  it('YAML that is no YAML, with line and column', async () => {
    expect(await refused('name: a\nmodel: {base: model\ntask: b\n')).toMatch(/spec\.yaml:[23]:\d+: /);
  });

  it('missing file, with the one that was meant', async () => {
    const said = await refused({ ...good, dataset: { train: 'trian.csv' } });
    expect(said).toContain('dataset.train: no such file or folder');
    expect(said).toContain('did you mean train.csv?');
  });

  it('unreadable CSV', async () => {
    await writeFile(
      at('broken.csv'),
      'text,label\n"never closed,good\nanother "row,bad\n\0\xff\xfe"x"y,good',
    );
    const said = await refused({ ...good, dataset: { train: 'broken.csv' } });
    expect(said).toContain('broken.csv');
  });

  it('a tokenizer that ends its process at a text, with the row', async () => {
    await cp(at('model'), at('hostile'), { recursive: true });
    const file = at('hostile/tokenizer.json');
    const json = JSON.parse(await readFile(file, 'utf8')) as object;
    const normalizer = { type: 'Replace', pattern: { Regex: '(x+x+)+y' }, content: 'z' };
    await writeFile(file, JSON.stringify({ ...json, normalizer }));
    // Of a BertTokenizer the normalizer is made anew, and not that of its file.
    const general = { tokenizer_class: 'PreTrainedTokenizerFast', pad_token: '[PAD]', model_max_length: 48 };
    await writeFile(at('hostile/tokenizer_config.json'), JSON.stringify(general));
    const rows = [...sentences(20), { text: 'x'.repeat(40), label: 'bad' }, ...sentences(40).slice(20)];
    await writeCsv(at('hostile.csv'), rows);
    const said = await refused({ ...good, model: { base: 'hostile' }, dataset: { train: 'hostile.csv' } });
    expect(said).toContain("dataset.train row 21: the base model's tokenizer ends its process here");
  });

  it('empty data set', async () => {
    await writeFile(at('empty.csv'), 'text,label\n');
    expect(await refused({ ...good, dataset: { train: 'empty.csv' } })).toMatch(
      /empty\.csv.*(empty|no rows)/,
    );
  });

  it('label column absent', async () => {
    const spec = { ...good, dataset: { train: 'train.csv', columns: { text: 'text', label: 'lable' } } };
    const said = await refused(spec);
    expect(said).toContain('lable');
    expect(said).toContain('text, label');
  });

  it('a single class', async () => {
    await writeCsv(
      at('single.csv'),
      sentences(40).filter((r) => r.label === 'good'),
    );
    expect(await refused({ ...good, dataset: { train: 'single.csv' } })).toMatch(/class/);
  });

  it('a base model of a family that is not supported, and which are', async () => {
    await cp(at('model'), at('other'), { recursive: true });
    const config = JSON.parse(await readFile(at('model/config.json'), 'utf8')) as object;
    const other = { ...config, model_type: 'mamba', architectures: ['MambaForCausalLM'] };
    await writeFile(at('other/config.json'), JSON.stringify(other));
    const said = await refused({ ...good, model: { base: 'other' } });
    expect(said).toContain('mamba');
    expect(said).toMatch(/bert.*llama|llama.*bert/);
  });

  it('a corrupt safetensors header', async () => {
    await cp(at('model'), at('corrupt'), { recursive: true });
    const bytes = await readFile(at('model/model.safetensors'));
    bytes.fill(0x7f, 9, 40);
    await writeFile(at('corrupt/model.safetensors'), bytes);
    expect(await refused({ ...good, model: { base: 'corrupt' } })).toContain('model.safetensors');
  });

  it('a file that was cut short', async () => {
    await cp(at('model'), at('short'), { recursive: true });
    const bytes = await readFile(at('model/model.safetensors'));
    await writeFile(at('short/model.safetensors'), bytes.subarray(0, bytes.length - 1000));
    expect(await refused({ ...good, model: { base: 'short' } })).toContain('model.safetensors');
  });

  it('weights missing from the file, by name', async () => {
    await cp(at('model'), at('lacking'), { recursive: true });
    const tensors = await readSafetensors(at('model/model.safetensors'));
    tensors.delete('encoder.layer.1.output.dense.weight');
    await writeSafetensors(at('lacking/model.safetensors'), tensors);
    const said = await refused({ ...good, model: { base: 'lacking' } });
    expect(said).toContain('encoder.layer.1.output.dense.weight');
  });

  it('a base model without a tokenizer, for text', async () => {
    await cp(at('model'), at('mute'), { recursive: true });
    await rm(at('mute/tokenizer.json'));
    expect(await refused({ ...good, model: { base: 'mute' } })).toContain('no tokenizer.json');
  });

  it('modules to adapt that the model lacks, and those that it has', async () => {
    const said = await refused({ ...good, method: { type: 'lora', targetModules: ['q_proj', 'value'] } });
    expect(said).toMatch(/method\.targetModules: .*\n.*q_proj[\s\S]*query/);
  });

  it('an adapter to start from that is not there', async () => {
    const said = await refused({ ...good, method: { type: 'lora', initFrom: 'nowhere' } });
    expect(said).toContain('method.initFrom: no such file or folder');
  });

  it('several mistakes at once, of spec, data and model', async () => {
    const said = await refused({
      ...good,
      model: { base: 'lacking' },
      dataset: { train: 'train.csv', columns: { text: 'txt', label: 'label' } },
    });
    expect(said).toContain('txt');
    expect(said).toContain('encoder.layer.1.output.dense.weight');
    expect(await refused({ ...good, model: { base: 'no' }, training: { epoch: 1 } })).toMatch(
      /training\.epoch: [\s\S]*model\.base: no such/,
    );
    const columns = { text: 'txt', label: 'label' };
    expect(
      await refused({ ...good, dataset: { train: 'train.csv', columns }, training: { trainBatchSize: 0 } }),
    ).toMatch(/training\.trainBatchSize: [\s\S]*no column txt/);
  });

  it('with --json the problems are on stdout as data', async () => {
    await writeFile(at('spec.yaml'), stringify({ ...good, training: { epoch: 1 } }));
    const { code, stdout } = await temper(folder, 'run', 'spec.yaml', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      error: { code: 'SPEC_INVALID', problems: [{ path: 'training.epoch', message: 'unknown field' }] },
    });
  });

  it('but a spec without mistakes passes the same checks', async () => {
    await writeFile(at('spec.yaml'), stringify(good));
    const { code, stdout } = await temper(folder, 'run', 'spec.yaml', '--check', '--json');
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, status: 'valid' });
  });
});
