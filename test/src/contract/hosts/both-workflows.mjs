// As docs say it for a bundle of one's own: theirs and ours.
export * from '@temper/plugin/workflow';
export { theirs } from './own-workflows.mjs';
