// For workflow modules: safe in the sandbox, and nothing but this stage.
export { publish, type StageCallOptions } from '@temper/workflows/stages';
