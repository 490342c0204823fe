import { metricCalled, nearest, rangeOf, tasks, type Problem, type Task } from '@temper/contracts';
import { formInWords, formOf, taskSchemaOf, type TaskChoice } from '@temper/tasks/schema';
import type { PipelineSpec } from './pipeline-spec.js';
import { generationOf } from './written-texts.js';

type Spec = Pick<PipelineSpec, 'task' | 'evaluation'> &
  TaskChoice & {
    readonly training: Pick<PipelineSpec['training'], 'metricForBestModel'>;
  };

/** What a model of the task can be chosen by. */
export const metricsOf = (choice: TaskChoice): readonly string[] => taskSchemaOf(choice).metrics;

/** What a gate can bound. */
const gatedOf = (choice: TaskChoice): readonly string[] => {
  const { metrics, counts, written } = taskSchemaOf(choice);
  return [...metrics, ...(written?.metrics ?? []), ...counts];
};

/** What is known at the end alone. */
const writtenOf = (choice: TaskChoice): readonly string[] => taskSchemaOf(choice).written?.metrics ?? [];

/** Names of metrics that the task does not have, and bounds that no value can keep, wherever a spec has them. */
export function metricProblems(spec: Spec): Problem[] {
  const { task, training, evaluation } = spec;
  const { gate, metrics = [] } = evaluation;
  return [
    ...bestProblems(training.metricForBestModel, spec),
    ...promptProblems(spec),
    ...metrics.flatMap((name, i) => nameProblems(`evaluation.metrics.${i}`, name, task, gatedOf(spec))),
    ...(gate === 'none' ? [] : Object.entries(gate).flatMap((entry) => gateProblems(entry, spec))),
  ];
}

function bestProblems(name: string, spec: Spec): Problem[] {
  const path = 'training.metricForBestModel';
  if (!writtenOf(spec).includes(name)) return nameProblems(path, name, spec.task, metricsOf(spec));
  return [
    {
      path,
      message: 'is measured of generated texts, once, after the training: no checkpoint can be chosen by it',
      found: name,
      allowed: metricsOf(spec).join(', '),
      hint: `name ${name} in evaluation.metrics, or bound it in evaluation.gate`,
    },
  ];
}

/** Texts are generated for prompts. */
function promptProblems(spec: Spec): Problem[] {
  const { written } = taskSchemaOf(spec);
  const columns = spec.dataset?.columns;
  if (!written || !columns || !generationOf(spec)) return [];
  const form = formOf(columns);
  if (written.columns.includes(form)) return [];
  return [
    {
      path: 'dataset.columns',
      message: `rows of whole texts have no prompts, and ${written.metrics.join(', ')} are measured of texts that are generated for prompts`,
      found: formInWords(form),
      allowed: written.columns.map(formInWords).join(', '),
    },
  ];
}

type Bounds = Exclude<PipelineSpec['evaluation']['gate'], 'none'>[string];

function gateProblems([name, bounds]: [string, Bounds], choice: TaskChoice): Problem[] {
  const path = `evaluation.gate.${name}`;
  const known = gatedOf(choice);
  if (!known.includes(name)) return nameProblems(path, name, choice.task, known);
  const { min = -Infinity, max = Infinity } = bounds;
  const [least, most] = rangeOf(name);
  const found = Object.entries(bounds)
    .map(([side, value]) => `${side} ${value}`)
    .join(', ');
  const allowed =
    most === Infinity ? `${name} is at least ${least}` : `${name} is between ${least} and ${most}`;
  if (min > max) return [{ path, message: 'min is greater than max: nothing fits', found }];
  if (min > most || max < least) {
    const percent = most === 1 && min >= 2 && min <= 100;
    const hint = percent ? { hint: `a share, not percent: min ${min / 100}` } : {};
    return [{ path, message: 'no value fits these bounds', found, allowed, ...hint }];
  }
  return [];
}

/** A name that the task does not measure. */
export function nameProblems(path: string, name: string, task: Task, known: readonly string[]): Problem[] {
  if (known.includes(name)) return [];
  const hint = hintFor(name, task, known);
  return [
    {
      path,
      message: `no such metric for ${task}`,
      found: name.slice(0, 60),
      allowed: known.join(', '),
      ...(hint ? { hint } : {}),
    },
  ];
}

function hintFor(name: string, task: Task, known: readonly string[]): string | undefined {
  // The Hugging Face Trainer writes the split before the name, in its logs and in metric_for_best_model.
  const bare = name.replace(/^(eval|test|validation|valid|val|train|training|dev)[_/. -]+/i, '');
  if (known.includes(bare)) return `did you mean ${bare}? Metrics are named without the split`;
  const plain = bare.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const meant = metricCalled(bare);
  const close = meant && known.includes(meant) ? meant : nearest(bare, known);
  if (close) return `did you mean ${close}?`;
  const [task2] = tasks.filter((other) => other !== task && metricsOf({ task: other }).includes(bare));
  if (task2) return `${bare} is a metric of ${task2}`;
  const part = known.find(
    (metric) => plain.startsWith(metric.toLowerCase()) || plain.endsWith(metric.toLowerCase()),
  );
  return part
    ? `metrics of one class are in the report; here only averages over all classes, e.g. ${part}`
    : undefined;
}
