import { GraphBuilder, ops, optimizeGraph, type Graph, type Shape, type Value } from '@temper/graph';
import type { Slot, UpdateRule } from './optimizer.js';

export interface CompiledUpdate {
  readonly graph: Graph;
  /** What may be written over itself: of `param` and the slots. */
  readonly inPlace: ReadonlySet<string>;
}

/**
 * One step of a rule as a graph. Inputs: `param`, `grad`, each slot; the scalars `learning_rate`, `weight_decay`,
 * `grad_scale` and the rule's own. Outputs: `new_param` and `new_SLOT`, of the shapes of the inputs that they replace. Shapes
 * are [n] for elementwise rules, else of the given rank.
 */
export function compileUpdate<S>(rule: UpdateRule<S>, settings: S, rank: number): CompiledUpdate {
  const g = new GraphBuilder(rule.name);
  const shape = rule.granularity === 'element' ? ['n'] : Array.from({ length: rank }, (_, i) => `d${i}`);
  const scalar = (name: string) => g.input(name, 'float32', []);
  const param = g.input('param', 'float32', shape);
  const grad = g.input('grad', 'float32', shape);
  const slots = mapValues(rule.slots, (slot, name) => g.input(name, 'float32', slotShape(slot, shape)));
  const updated = rule.build(
    g,
    {
      ...{ param, grad, slots },
      learningRate: scalar('learning_rate'),
      weightDecay: scalar('weight_decay'),
      gradScale: scalar('grad_scale'),
      scalars: mapValues(rule.scalars(1, settings, [1, 1]), (_, name) => scalar(name)),
    },
    settings,
  );
  g.output(updated.param, 'new_param');
  for (const [name, value] of Object.entries<Value>(updated.slots)) g.output(value, `new_${name}`);
  const graph = optimizeGraph(g.build());
  const replaced = ['param', ...Object.keys(rule.slots)];
  return { graph, inPlace: new Set(replaced.filter((name) => mayReplace(graph, name))) };
}

/**
 * Whether the output `new_NAME` may be written over the input NAME: it is made element by element, and whatever reads the
 * input lies on the way to it, so that it runs before, whatever order the runtime chooses.
 */
function mayReplace(graph: Graph, name: string): boolean {
  const output = graph.values.get(`new_${name}`)!;
  const maker = graph.nodes.find((node) => node.outputs.includes(output));
  if (!maker || !('elementwise' in ops[maker.op])) return false;
  const needed = new Set<Value | undefined>([output]);
  for (const node of [...graph.nodes].reverse()) {
    const isOnTheWay = node.outputs.some((value) => needed.has(value));
    if (isOnTheWay) for (const input of node.inputs) needed.add(input);
    else if (node.inputs.some((input) => input?.name === name)) return false;
  }
  return true;
}

/** As the graph sees it: the axis that a slot leaves out has length 1. */
export function slotShape<D extends Shape[number]>({ per }: Slot, shape: readonly D[]): (D | 1)[] {
  const without = per === 'row' ? shape.length - 1 : per === 'column' ? shape.length - 2 : -1;
  return shape.map((length, axis) => (axis === without ? 1 : length));
}

const mapValues = <T, U>(table: Readonly<Record<string, T>>, make: (value: T, name: string) => U) =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, make(value, name)]));
