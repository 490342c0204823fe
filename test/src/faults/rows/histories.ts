import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { parsePipelineSpec } from '@temper/spec';
import { parseUri } from '@temper/storage';
import { sentences, writeCsv } from '../../cli/tiny-classifier.js';
import { eventually } from '../../e2e/stack.js';
import { eventsOf, payloadsIn } from '../history.js';
import { SECRET_TOKEN } from '../rig.js';
import { holds, type Row } from '../row.js';

export const overlappingSchedule: Row = {
  name: 'schedule-overlaps',
  async run(rig) {
    await using _worker = await rig.worker({ plan: { slowMs: 400 } });
    const id = 'overlapping';
    const spec = parsePipelineSpec(rig.spec(id, { seed: 4 }));
    const query = `TemperPipeline = '${id}'`;
    await rig.client.schedules.create(spec, { every: '2s', id });
    const handle = rig.client.temporal.schedule.getHandle(id);
    let atOnce = 0;
    const skipped = await eventually('skipped starts', async () => {
      const { count } = await rig.client.temporal.workflow.count(`${query} AND ExecutionStatus = 'Running'`);
      atOnce = Math.max(atOnce, count);
      await sleep(200);
      const { numActionsSkippedOverlap } = (await handle.describe()).info;
      return numActionsSkippedOverlap >= 3 && numActionsSkippedOverlap;
    });
    await handle.delete();
    for await (const { workflowId, status } of rig.client.temporal.workflow.list({ query })) {
      if (status.name !== 'RUNNING') continue;
      await rig.client.temporal.workflow.getHandle(workflowId).terminate('the row has seen enough');
    }
    holds(atOnce === 1, `one run at a time, not ${atOnce}`);
    return {
      done: 'a schedule every 2 s over runs that take longer',
      held: `${skipped} starts skipped, never two runs at once`,
    };
  },
};

const MEGABYTE = 2 ** 20;
/** Of one payload; the spec itself is 2 KB. */
const LARGEST_PAYLOAD = 64 * 1024;

export const largeResults: Row = {
  name: 'large-results',
  async run(rig) {
    const rows = sentences(2600).map((row, i) => ({
      ...row,
      label: `a class with a longer name ${i % 1300}`,
    }));
    const train = await writeCsv(join(rig.folder, 'classes.csv'), rows);
    await using _worker = await rig.worker();
    const spec = {
      ...rig.spec('large', { maxSteps: 2, evalStrategy: 'epoch' }),
      dataset: { train, validation: train, test: train },
    };
    const runId = await rig.client.submit(spec);
    const result = await rig.finished(runId);
    const { details } = result.metrics.test as { details?: string };
    holds(details !== undefined, 'the metrics of 1,300 classes are a reference');
    const { size } = (await rig.store.head(parseUri(details).key))!;
    // Confusion is kept by the pairs that occur, so a thousand classes no longer make a million numbers.
    holds(size > LARGEST_PAYLOAD, `they are larger than a payload may be: ${size}`);
    const sizes = (await eventsOf(rig, runId)).flatMap(payloadsIn).map(({ length }) => length);
    const largest = Math.max(...sizes);
    holds(largest < LARGEST_PAYLOAD, `no payload is larger than ${LARGEST_PAYLOAD} bytes, one is ${largest}`);
    return {
      done: `an evaluation result of ${(size / MEGABYTE).toFixed(1)} MB (1,300 classes)`,
      held: `by reference; the largest of ${sizes.length} payloads is ${(largest / 1024).toFixed(1)} KB`,
    };
  },
};

/** Shapes of keys: AWS, Hugging Face, private keys, credentials in a URL. */
const shapes = /AKIA[0-9A-Z]{16}|\bhf_\w{20,}|BEGIN [A-Z ]*PRIVATE KEY|:\/\/[^/\s"]+:[^/\s"]+@/;

export const secretScan: Row = {
  name: 'no-secrets-in-histories',
  async run(rig) {
    const { accessKeyId, secretAccessKey } = rig.services.s3;
    const secrets = [accessKeyId!, secretAccessKey!, SECRET_TOKEN];
    const leaks = (text: string) => secrets.some((secret) => text.includes(secret)) || shapes.test(text);
    for (const secret of secrets) holds(leaks(`{"found":"${secret}"}`), 'the scan finds what it looks for');
    // Alone (`--only`), there is nothing to look at yet.
    await using _worker = await rig.worker();
    await rig.finished(await rig.client.submit(rig.spec('scanned', { maxSteps: 2 })));
    let [histories, payloads, named] = [0, 0, 0];
    for await (const { workflowId, runId } of rig.client.temporal.workflow.list()) {
      histories += 1;
      for (const event of await eventsOf(rig, workflowId, runId)) {
        // Payloads as they are, and everything else an event says (failures have their messages outside of payloads).
        const texts = payloadsIn(event).map(String);
        payloads += texts.length;
        for (const text of [...texts, JSON.stringify(event)]) {
          holds(!leaks(text), `no secret in ${workflowId}, event ${String(event.eventId)}`);
        }
        if (texts.some((text) => text.includes(rig.tiny.model.base))) named += 1;
      }
    }
    holds(named >= histories, 'the payloads are readable: each history names its base model');
    return {
      done: `all ${payloads} payloads of ${histories} histories decoded and searched for the store's keys, a token and the shapes of keys`,
      held: 'none there',
    };
  },
};
