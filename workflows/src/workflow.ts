/** What the workflow bundle is made of: this entry point and nothing else runs in the workflow sandbox. */
export { collectGarbage } from './collect/collect.js';
export { fineTune } from './fine-tune/fine-tune.js';
export { sweep } from './sweep/sweep.js';
