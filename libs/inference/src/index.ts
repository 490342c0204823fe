export type { GenerateOptions, Generation, Prompt } from './generate.js';
export { Predictor, type PredictorOptions } from './predictor.js';
