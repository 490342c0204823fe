// For workflow modules: safe in the sandbox, and nothing but this stage.
export { evaluate, type StageCallOptions } from '@temper/workflows/stages';
