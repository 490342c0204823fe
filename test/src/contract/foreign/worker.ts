// node foreign/worker.js stage|preset – somebody else's worker: with one of Temper's stages beside its own workflows, or
// with all of Temper. It knows packages by their names only.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { IngestPlugin } from '@temper/activity-ingest';
import { TemperPlugin } from '@temper/plugin';
import { createS3Store } from '@temper/s3';

const kinds = {
  stage: () => ({
    taskQueue: 'their-queue',
    // Temporal's own bundler, from this folder.
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    activities: { ours: async () => 'not of Temper' },
    plugins: [new IngestPlugin({ store: createS3Store(), home: 'their-home' })],
  }),
  preset: () => ({
    taskQueue: 'temper-cpu',
    plugins: [new TemperPlugin({ store: createS3Store(), home: 'their-other-home' })],
  }),
};

const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
const namespace = process.env['TEMPORAL_NAMESPACE'] ?? 'default';
const worker = await Worker.create({
  connection,
  namespace,
  ...kinds[process.argv[2] as keyof typeof kinds](),
});
process.stdout.write('ready\n');
await worker.run();
await connection.close();
