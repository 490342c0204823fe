import { expect, it } from 'vitest';
import { probeProvider } from './probe.js';

it('finds the CPU, and refuses a provider that this build of ONNX Runtime lacks', async () => {
  await expect(probeProvider('cpu')).resolves.toBeUndefined();
  // CUDA's libraries are the user's to install; no test machine has them next to onnxruntime-node.
  await expect(probeProvider('cuda')).rejects.toThrow(/cuda/i);
});
