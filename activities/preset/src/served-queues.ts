import { TemperError } from '@temper/contracts';

/** By connection: device queues that presets of this process serve now. */
const served = new WeakMap<object, Set<string>>();

/**
 * Two presets on one queue would each take all cores for a training, and neither would know of the other's.
 * @returns what gives the queue back
 * @throws TemperError SPEC_INVALID where another preset of this process has it.
 */
export function serve(connection: object, namespace: string, queue: string): () => void {
  const queues = served.get(connection) ?? new Set();
  served.set(connection, queues);
  const name = `${namespace} ${queue}`;
  if (queues.has(name)) {
    throw new TemperError('SPEC_INVALID', {
      path: `TemperPlugin: queue ${queue}`,
      message: 'another preset of this process serves it already',
      hint: 'slots says how many trainings there are at a time; a second installation has a queuePrefix of its own',
    });
  }
  queues.add(name);
  return () => queues.delete(name);
}
