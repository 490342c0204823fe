// node test/dist/gc/collector.js – one collection, as a process that can be killed. Prints its report as JSON.
import { runState, TemperClient } from '@temper/client';
import { createS3Store } from '@temper/s3';
import { collectGarbage } from '@temper/storage';

const store = createS3Store(process.env);
await using client = await TemperClient.connect({ store });
const report = await collectGarbage(store, {
  grace: '0s',
  by: `collector ${process.pid}`,
  stateOf: (runId) => runState(client.temporal, runId),
});
const { busy, missing, verdicts } = report;
const bytes = (kept: boolean) =>
  verdicts.filter((verdict) => verdict.kept === kept).reduce((sum, each) => sum + each.bytes, 0);
const removed = verdicts.filter(({ kept }) => !kept).map(({ key }) => key);
process.stdout.write(
  JSON.stringify({ busy: busy?.by, missing, removed, kept: bytes(true), freed: bytes(false) }),
);
store.close();
