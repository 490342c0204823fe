export { checkAdapter } from './adapter.js';
export { checkInput, checkSources, type Checked } from './check-spec.js';
export { decideInput, type DecidedInput } from './decide.js';
export type { Locate, OwnStore, Sight } from './sight.js';
