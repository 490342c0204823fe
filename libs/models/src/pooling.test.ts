import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseOtherPooling } from './pooling.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-pooling-'));
});
afterEach(() => rm(folder, { recursive: true }));

const module = (idx: number, kind: string, path = `${idx}_${kind}`) => ({
  ...{ idx, name: `${idx}`, path },
  type: `sentence_transformers.models.${kind}`,
});
async function save(modules: unknown, pooling?: unknown) {
  await writeFile(join(folder, 'modules.json'), JSON.stringify(modules));
  if (pooling === undefined) return;
  await mkdir(join(folder, '1_Pooling'));
  await writeFile(join(folder, '1_Pooling', 'config.json'), JSON.stringify(pooling));
}
const usual = [module(0, 'Transformer', ''), module(1, 'Pooling')];
const refused = (problem: object) =>
  expect(refuseOtherPooling(folder)).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    problems: [problem],
  });

describe('the pooling of a folder of sentence-transformers', () => {
  it('is the mean, normalised or not, or nothing is said of it', async () => {
    await refuseOtherPooling(folder);
    await save([...usual, module(2, 'Normalize')], {
      pooling_mode_cls_token: false,
      pooling_mode_mean_tokens: true,
    });
    await refuseOtherPooling(folder);
  });

  it.each([
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, 'cls_token'],
    [{ pooling_mode_lasttoken: true }, 'lasttoken'],
    [{ pooling_mode_mean_tokens: true, pooling_mode_max_tokens: true }, 'max_tokens'],
    [{ pooling_mode: 'cls' }, 'cls'],
  ])('is refused as %j', async (pooling, found) => {
    await save(usual, pooling);
    await refused({ path: join(folder, '1_Pooling', 'config.json'), found });
  });

  it('is refused with a further module behind it', async () => {
    await save([...usual, module(2, 'Dense')], { pooling_mode_mean_tokens: true });
    await refused({ path: join(folder, 'modules.json'), found: 'Dense' });
  });

  it('is read of its own folder alone', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'temper-outside-'));
    try {
      await writeFile(join(outside, 'config.json'), JSON.stringify({ pooling_mode: 'cls' }));
      await save([module(0, 'Transformer', ''), module(1, 'Pooling', relative(folder, outside))], {
        pooling_mode: 'mean',
      });
      await refuseOtherPooling(folder);
    } finally {
      await rm(outside, { recursive: true });
    }
  });
});
