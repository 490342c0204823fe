import { checkModel } from '@temper/models';
import { goldenFolder } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { checkMethod } from './check-method.js';

describe('the check of a method', () => {
  it('refuses target modules that the model lacks, whatever the format', async () => {
    const method = {
      type: 'lora',
      r: 8,
      alpha: 16,
      dropout: 0,
      targetModules: ['q_proj', 'querry'],
    } as const;
    const check = async (name: string, targetModules?: string[]) => {
      const found = await checkModel(goldenFolder(name), 'causal-lm');
      checkMethod({ ...method, targetModules }, found);
      return found;
    };
    for (const name of ['llama-tiny', 'llama-tiny.gguf']) {
      await expect(check(name, ['q_proj', 'querry'])).rejects.toMatchObject({
        code: 'SPEC_INVALID',
        problems: [
          {
            path: 'method.targetModules',
            found: 'querry',
            allowed: expect.stringMatching(/^q_proj, k_proj/) as string,
          },
        ],
      });
      expect((await check(name, ['layers.0.mlp.up_proj'])).family).toBe('llama');
      expect((await check(name)).family).toBe('llama');
    }
    // An untied head is a linear module, and the table of the tokens can be changed, too.
    expect((await check('llama3-tiny', ['lm_head'])).family).toBe('llama');
    expect((await check('llama-tiny', ['embed_tokens'])).family).toBe('llama');
    await expect(check('llama-tiny', ['input_layernorm'])).rejects.toThrow(
      /no module of the base model that can be changed/,
    );
  });

  it('refuses a prefix of keys and values for what is no language model, and puts tokens in front of embedded texts', async () => {
    const found = await checkModel(goldenFolder('llama-tiny'), 'embedding');
    expect(() => checkMethod({ type: 'prefix-tuning', numVirtualTokens: 3 }, found)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'method.type', found: 'prefix-tuning' })],
      }) as Error,
    );
    expect(() => checkMethod({ type: 'prompt-tuning', numVirtualTokens: 3 }, found)).not.toThrow();
  });

  it.each([{ useDora: true }, { loraPlusRatio: 4 }])('refuses %j of a table of tokens', async (option) => {
    const found = await checkModel(goldenFolder('llama-tiny'), 'causal-lm');
    const of = (targetModules: string[]) => () =>
      checkMethod({ type: 'lora', r: 8, alpha: 16, dropout: 0, ...option, targetModules }, found);
    const path = `method.${Object.keys(option)[0]}`;
    expect(of(['q_proj', 'embed_tokens'])).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path, found: 'model.embed_tokens' })],
      }) as Error,
    );
    expect(of(['q_proj'])).not.toThrow();
  });

  it.each(['rankPattern', 'alphaPattern'])('refuses a %s of no module that is changed', async (field) => {
    const found = await checkModel(goldenFolder('llama-tiny'), 'causal-lm');
    const of =
      (pattern: string, more: object = {}) =>
      () =>
        checkMethod({ type: 'lora', r: 8, alpha: 16, dropout: 0, [field]: { [pattern]: 4 }, ...more }, found);
    expect(of('up_proj')).toThrow(
      expect.objectContaining({
        code: 'SPEC_INVALID',
        problems: [
          expect.objectContaining({ path: `method.${field}`, found: 'up_proj', allowed: 'q_proj, v_proj' }),
        ],
      }) as Error,
    );
    expect(of('up_proj', { targetModules: ['up_proj'] })).not.toThrow();
    expect(of('layers\\.0\\..*q_proj')).not.toThrow();
    // The adapter says which modules it changes.
    expect(of('up_proj', { initFrom: './adapter' })).not.toThrow();
  });
});
