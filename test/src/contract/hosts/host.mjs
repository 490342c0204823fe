// node host.mjs KIND – somebody else's worker with the preset in it, each kind in another way. Plain JavaScript: what is
// installed is all that it knows.
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { TemperPlugin } from '@temper/plugin';
import { createS3Store } from '@temper/s3';
import { payloadCodec } from './codec.mjs';

const kind = process.argv[2];
const logger = new DefaultLogger('WARN', ({ level, message }) => console.error(`${level} ${message}`));
Runtime.install({ logger });
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

const preset = (more = {}) => new TemperPlugin({ store: createS3Store(), home: `home-${kind}`, ...more });
const bundled = (module, plugins = []) =>
  bundleWorkflowCode({ workflowsPath: file(module), plugins, logger });
/** What is printed at the end, where a kind has something to tell. */
let told = () => '';

async function opentelemetry() {
  const { OpenTelemetryPlugin } = await import('@temporalio/interceptors-opentelemetry');
  const { InMemorySpanExporter, SimpleSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { Resource } = await import('@opentelemetry/resources');
  const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const exporter = new InMemorySpanExporter();
  const resource = new Resource({ 'service.name': 'host' });
  const spanProcessor = new SimpleSpanProcessor(exporter);
  // Spans of workflows come through the plugin's sink, those of activities by the provider of the process.
  new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] }).register();
  const theirs = new OpenTelemetryPlugin({ resource, spanProcessor });
  told = () => [...new Set(exporter.getFinishedSpans().map(({ name }) => name))].join(' ');
  return { plugins: [theirs, preset()] };
}

const kinds = {
  plain: async () => ({ plugins: [preset()] }),
  opentelemetry,
  'own workflows': async () => ({ workflowsPath: file('own-workflows.mjs'), plugins: [preset()] }),
  'own bundle without ours': async () => ({
    workflowBundle: await bundled('own-workflows.mjs'),
    plugins: [preset()],
  }),
  'own bundle with ours': async () => ({
    workflowBundle: await bundled('both-workflows.mjs'),
    plugins: [preset()],
  }),
  codec: async () => ({ dataConverter: { payloadCodecs: [payloadCodec] }, plugins: [preset()] }),
  'two in one worker': async () => ({ plugins: [preset(), preset()] }),
  'two prefixes': async () => ({
    taskQueue: 'red-cpu',
    plugins: [preset({ queuePrefix: 'red' })],
    beside: { taskQueue: 'blue-cpu', plugins: [preset({ queuePrefix: 'blue', home: 'home-blue' })] },
  }),
  'one prefix twice': async () => ({ plugins: [preset()], beside: { plugins: [preset()] } }),
};

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
try {
  const { beside, ...options } = await kinds[kind]();
  const namespace = process.env.TEMPORAL_NAMESPACE ?? 'default';
  const common = { connection, namespace, taskQueue: 'temper-cpu' };
  const workers = [await Worker.create({ ...common, ...options })];
  if (beside) workers.push(await Worker.create({ ...common, ...beside }));
  const running = Promise.all(workers.map((worker) => worker.run()));
  running.catch(() => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown()));
  console.log('ready');
  await running;
  console.log(told());
  await connection.close();
} catch (error) {
  // At once: a worker that was made and never run would keep the process, and the SDK takes its signals.
  process.stdout.write(`refused ${error.message.split('\n')[0]}\n`, () => process.exit(1));
}
