// For workflow modules: safe in the sandbox, and nothing but this stage.
export { ingest, type StageCallOptions } from '@temper/workflows/stages';
