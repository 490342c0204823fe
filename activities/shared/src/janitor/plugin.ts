import { stageParts, type StagePluginOptions } from '../plugin/stage-parts.js';
import { StagePlugin } from '../plugin/stage-plugin.js';
import type { StagePorts } from '../ports.js';
import type { JanitorActivities, StageMetrics } from '@temper/contracts';
import { collect } from './collect.js';

/**
 * Collections by the clock, alone on a worker of a role of its own: it removes from the store, which no other worker needs to
 * be allowed (infra/iam/janitor.json).
 *
 *     await Worker.create({ taskQueue: 'temper-janitor', plugins: [new JanitorPlugin({ store })] });
 */
export class JanitorPlugin extends StagePlugin {
  constructor(options: StagePluginOptions) {
    const activities = (ports: StagePorts) => janitorActivities(ports, options.metrics);
    super('janitor', stageParts('JanitorPlugin', options, activities), 'JanitorPlugin');
  }
}

export const janitorActivities = (ports: StagePorts, metrics?: StageMetrics): JanitorActivities => ({
  collectGarbage: (input) => collect(ports, input, metrics),
});
