// What the bundle is made of where a host has workflows of its own: the plugin says where they are.
import { fineTune, sweep } from './workflow.js';
import * as host from '__temper_host_workflows';

const theirs = host as Readonly<Record<string, unknown>>;
for (const [name, ours] of Object.entries({ fineTune, sweep })) {
  if (name in theirs && theirs[name] !== ours) {
    throw new Error(`the workflow module of this worker exports a ${name} that is not Temper's: rename it`);
  }
}

export * from '__temper_host_workflows';
export { fineTune, sweep };
