import { TemperError, type PipelineSpec } from '@temper/contracts';
import { Registry } from '@temper/storage';
import { count } from '../report/format.js';
import { isRemote } from '../spec/paths.js';
import { fetched, reachableStore } from './sources.js';

/** Weights of at most so many bytes are read through by the check: a few seconds. Those of larger models ingest reads. */
const READ_THROUGH = 2e9;

/** Family supported, headers whole, weights complete and finite. */
export async function checkBaseModel(spec: PipelineSpec): Promise<string[]> {
  const { base } = spec.model;
  if (base.startsWith('model:')) return published(base);
  const path = isRemote(base) ? (await fetched(base))?.folder : base;
  if (path === undefined) return [];
  const { checkModel } = await import('@temper/models');
  const found = await checkModel(path, spec.task, spec.method);
  if (!found.hasTokenizer && !('inputIds' in spec.dataset.columns)) {
    throw new TemperError('MODEL_CORRUPT', {
      path: found.path,
      message: 'there is no tokenizer.json, which text columns need',
      allowed: 'tokenizer.json beside the weights, or dataset.columns {inputIds, labels}',
    });
  }
  if (found.bytes <= READ_THROUGH) await found.checkFinite();
  return [`base model: ${found.architecture}, ${parameters(found.parameters)} parameters`];
}

/** A model of our own registry was checked when it was published; it must be there. */
async function published(base: string): Promise<string[]> {
  const store = await reachableStore();
  if (!store) return [];
  const { name, version } = await new Registry(store).resolve(base);
  return [`base model: ${name}:${version} of the registry`];
}

const parameters = (n: number) => (n < 1e6 ? count(n) : `${(n / 1e6).toPrecision(3)}M`);
