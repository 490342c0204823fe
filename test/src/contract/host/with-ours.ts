// A host's workflow module that has Temper's too, for a bundle of its own.
export * from '@temper/plugin/workflow';
export { hello } from './workflows.js';
