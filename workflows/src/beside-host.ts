// What the bundle is made of where a host has workflows of its own: the plugin says where they are.
import * as ours from './workflow.js';
import * as host from '__temper_host_workflows';

const theirs = host as Readonly<Record<string, unknown>>;
for (const [name, workflow] of Object.entries(ours)) {
  if (name in theirs && theirs[name] !== workflow) {
    throw new Error(`the workflow module of this worker exports a ${name} that is not Temper's: rename it`);
  }
}

export * from '__temper_host_workflows';
// By name: two stars that both have a name would leave it out.
export { collectGarbage, fineTune, sweep } from './workflow.js';
