// A CommonJS host.
const { NativeConnection, Worker } = require('@temporalio/worker');
const { TemperPlugin } = require('@temper/plugin');
const { createS3Store } = require('@temper/s3');

async function main() {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const plugin = new TemperPlugin({ store: createS3Store(), home: 'home-cjs' });
  const worker = await Worker.create({ connection, taskQueue: 'temper-cpu', plugins: [plugin] });
  console.log('ready');
  await worker.run();
  await connection.close();
}

main().catch((error) => {
  console.log(`refused ${error.message}`);
  process.exitCode = 1;
});
