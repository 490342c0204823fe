import { describe, expect, it } from 'vitest';
import { shownSpec } from './shown-spec.js';
import { parsePipelineSpec } from './validate.js';

describe('a spec that is shown', () => {
  it('has nothing of what is secret in its addresses, and is else as it was', () => {
    const written = (query: string, hook: string) =>
      parsePipelineSpec({
        name: 'mail',
        task: 'causal-lm',
        model: { base: `https://a.example/m.gguf${query}` },
        dataset: {
          train: `https://a.example/t.jsonl${query}`,
          validation: 's3://bucket/a?b',
          test: `https://a.example/e.jsonl${query}`,
          columns: { text: 'text' },
        },
        alerts: { webhooks: [`https://chat.example${hook}`, 'env:HOOK'] },
      });
    expect(JSON.stringify(shownSpec(written('?token=hunter2', '/hunter2?hunter2')))).not.toContain('hunter2');
    expect(shownSpec(written('', ''))).toEqual(written('', ''));
  });
});
