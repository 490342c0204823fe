// node digest-main.js PIPELINE_FILE – a digest of the local files that a pipeline names, for Nx's `runtime` inputs.
import { resolve } from 'node:path';
import { digestOfSources } from './digest.js';
import { readPipelineFile } from './pipeline-file.js';

const { sources } = readPipelineFile(resolve(process.argv[2]!));
process.stdout.write(
  `${await digestOfSources(sources, process.env['NX_WORKSPACE_DATA_DIRECTORY'] ?? '.nx/workspace-data')}\n`,
);
