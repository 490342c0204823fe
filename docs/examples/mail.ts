// Trains a spam filter, is asked things on the way, and has it trained again every night.
import { definePipeline, defineSweep, TemperClient } from '@temper/client';
import { createS3Store } from '@temper/s3';

const mail = definePipeline(
  {
    name: 'mail',
    model: { base: './model' },
    dataset: { train: './mails.csv', columns: { text: 'text', label: 'label' } },
    tokenize: { maxLength: 32 },
    training: { maxSteps: 60, trainBatchSize: 8, learningRate: 3e-3, evalStrategy: 'no' },
    method: { type: 'full' },
    evaluation: { gate: { f1: { min: 0.5 } } },
    publish: { approval: true },
  },
  { folder: process.cwd() },
);

// TEMPORAL_ADDRESS, S3_ENDPOINT and the rest of the environment say where the servers are.
const store = createS3Store();
await using temper = await TemperClient.connect({ store });

// Workers elsewhere do not see the files of this machine: what is stored for them is named by its content.
const stored = await temper.upload(mail);
console.log(stored.dataset.train);

// Submit, and ask for something else before it trains: each call returns when the run has taken it.
const runId = await temper.submit(stored);
await temper.pause(runId, { note: 'somebody needs the device' });
await temper.change(runId, { learningRate: 1e-3, note: 'gently' });
await temper.resume(runId);

// Follow: a look every half second, until the run has ended.
let approved = false;
for await (const { progress } of temper.follow(runId)) {
  const now = progress?.stages.find(({ status }) => status === 'running');
  if (now) console.log(`at ${now.name}`);
  if (progress?.status !== 'awaiting-approval' || approved) continue;
  await temper.approve(runId, { by: 'ann', comment: 'as good as the last' });
  approved = true;
}

// What it came to.
const result = await temper.result(runId);
console.log(result.status, result.model?.name, result.model?.version, result.metrics.test?.['f1']);
const steps = await temper.metrics(runId);
console.log(`${steps.length} lines of metrics`);

// The registry.
for (const { name, versions, aliases } of await temper.models.list())
  console.log(name, versions.length, aliases);
const { previous } = await temper.models.promote('mail@candidate', 'production');
console.log(`production was ${previous ?? 'nothing'}`);
const { dataset, base } = await temper.models.lineage('mail@production');
console.log(`made of ${dataset.ref.digest} and ${base.manifest.meta.source}`);

// By the clock: nobody approves at night, the gate decides.
const nightly = { ...stored, publish: { ...stored.publish, approval: false } };
await temper.schedules.create(nightly, { id: 'nightly', cron: '0 3 * * *', onlyNewData: true });
const times = await temper.schedules.backfill('nightly', '2025-11-01', '2025-11-03', { preview: true });
console.log(`${times.length} nights could be made up for`);
await temper.schedules.trigger('nightly');
const first = async () => (await temper.schedules.show('nightly')).recent[0]?.runId;
while (!(await first())) await new Promise((resolve) => setTimeout(resolve, 200));
console.log('by night', (await temper.result((await first())!)).status);
await temper.schedules.pause('nightly', 'holidays');
console.log((await temper.schedules.list()).map(({ id, paused }) => ({ id, paused })));
await temper.schedules.delete('nightly');

// Several settings, the best of them published.
const rates = defineSweep({
  name: 'rates',
  pipeline: {
    ...nightly,
    training: { ...mail.training, evalStrategy: 'epoch' },
    evaluation: { gate: 'none' },
  },
  search: { 'training.learningRate': { values: [1e-5, 3e-3] } },
  strategy: 'grid',
});
const best = await temper.sweeps.result(await temper.sweeps.start(rates));
console.log(best.status, best.best?.params);

// A run that nobody wants any more.
const other = await temper.submit(stored, { fresh: true });
await temper.cancel(other);
console.log((await temper.result(other)).status);
store.close();
