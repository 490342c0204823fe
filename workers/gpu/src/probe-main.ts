// node workers/gpu/dist/probe-main.js PROVIDER – exits with 0 where the provider computes, else says why not.
import { formatProblem, TemperError, type Provider } from '@temper/contracts';
import { probeProvider } from '@temper/onnxruntime';

try {
  await probeProvider(process.argv[2] as Provider);
} catch (error) {
  const lines = error instanceof TemperError ? error.problems.map(formatProblem) : [String(error)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}
