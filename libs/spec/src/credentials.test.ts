import { expect, it } from 'vitest';
import { parsePipelineSpec } from './index.js';

it('a secret where the name of a credential belongs is refused and not repeated', () => {
  const spec = (credential: string) => ({
    name: 'mail',
    model: { base: 'hf:acme/mini' },
    dataset: { train: 's3://lake/mail.csv' },
    download: { credentials: { 'hf:acme': credential } },
  });
  expect(parsePipelineSpec(spec('HUB')).download.credentials).toEqual({ 'hf:acme': 'HUB' });
  const words = (credential: string) => {
    try {
      parsePipelineSpec(spec(credential));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const secret of ['hf_abcdefghijklmnopqrstuvwxyz', 'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG']) {
    expect(words(secret)).toMatch(
      /download\.credentials\.hf:acme: .*never the secret.*environment of the workers/s,
    );
    expect(words(secret)).not.toContain(secret.slice(0, 12));
  }
});
