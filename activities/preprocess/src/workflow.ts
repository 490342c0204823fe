// For workflow modules: safe in the sandbox, and nothing but this stage.
export { preprocess, type StageCallOptions } from '@temper/workflows/stages';
