// A worker with Temper's stages, workflows of your own, and the stage that they call.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { stagePorts } from '@temper/activity';
import { TemperPlugin } from '@temper/plugin';
import { createS3Store } from '@temper/s3';
import { ownActivities } from './custom-activities.js';

const options = { store: createS3Store(), home: '.temper' };
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
const worker = await Worker.create({
  connection,
  taskQueue: 'temper-cpu',
  workflowsPath: fileURLToPath(new URL('./custom-workflows.js', import.meta.url)),
  activities: ownActivities(stagePorts(options)),
  plugins: [new TemperPlugin(options)],
});
console.log('worker ready');
await worker.run();
await connection.close();
