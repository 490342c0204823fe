#!/usr/bin/env node
// node workers/trainer/dist/main.js – one job, over IPC: the parent sends a Job, this process answers with TrainerEvents.
import { shownRun, type Job, type Question, type TrainerEvent } from '@temper/training/trainer-process';
import { runJob } from './run-job.js';

if (!process.send) {
  process.stderr.write('the trainer is started by a worker, with an IPC channel\n');
  process.exit(2);
}

// A parent that is gone cannot be told anything: the run goes on elsewhere from its last checkpoint.
process.on('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);

let interrupted = false;
process.on('SIGTERM', () => {
  interrupted = true;
});
// Ctrl-C goes to the whole process group; the parent decides, with SIGTERM.
process.on('SIGINT', () => undefined);

const report = (event: TrainerEvent) => void process.send!(event);

process.once('message', (job: Job | Question) => {
  process.title = `temper trainer ${job.kind} ${shownRun(job.runId)}`;
  void runJob(job, { report, interrupted: () => interrupted }).then((exitCode) => {
    // Sessions are not released one by one: the process's end does that, and cannot leak.
    process.send!({ type: 'progress', phase: 'ending' } satisfies TrainerEvent, () => process.exit(exitCode));
  });
});
