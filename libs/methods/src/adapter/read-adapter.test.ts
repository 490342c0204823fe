import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@temper/models';
import { expect, test } from 'vitest';
import { readAdapter } from './read-adapter.js';

test('of two weights that are the same one neither is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'adapter-'));
  try {
    writeFileSync(join(folder, 'adapter_config.json'), '{"peft_type": "LORA"}');
    const tensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
    const names = ['base_model.model.q.lora_A.weight', 'base_model.model.q.lora_A.default.weight'];
    await writeSafetensors(
      join(folder, 'adapter_model.safetensors'),
      new Map(names.map((name) => [name, tensor])),
    );
    expect(() => readAdapter(folder, undefined)).toThrow(
      expect.objectContaining({ code: 'MODEL_CORRUPT' }) as Error,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
