import type { SampleTask } from './samples.js';

export interface PipelineGeneratorSchema {
  directory: string;
  name?: string;
  task?: SampleTask;
  base?: string;
  worker?: string;
  tags?: string;
  skipFormat?: boolean;
}
