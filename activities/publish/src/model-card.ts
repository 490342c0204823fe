import {
  changeWords,
  engineWords,
  splitNames,
  visibleJson,
  type DropReason,
  type Metrics,
  type ModelMeta,
  type TokensMeta,
  type Verdict,
} from '@temper/contracts';
import { generatedInWords, sourcesOf, type PipelineSpec, type SweepComparison } from '@temper/spec';
import { nameOfSource } from '@temper/sources';
import { definitionOf } from '@temper/tasks';
import { isPeftAdapter, mergeRefusal } from '@temper/methods';
import { usage } from './card-usage.js';
import { code, plain, table } from './markdown.js';

export interface ModelCard {
  readonly spec: PipelineSpec;
  readonly meta: ModelMeta;
  readonly tokens: TokensMeta;
  /** Its tokenizer has a chat template. */
  readonly chat?: boolean;
  /** As the spec names the base model. */
  readonly base: string;
  /** The trials that it was chosen from. */
  readonly sweep?: SweepComparison | undefined;
  readonly verdicts?: readonly Verdict[] | undefined;
}

/**
 * README.md of a published model, with the front matter that model hubs read. It follows from the model alone (no times,
 * no run ids), so that an equal model has an equal card.
 */
export function modelCard({ chat = false, spec, meta, tokens, base, sweep, verdicts }: ModelCard): string {
  const { name, method, training } = spec;
  const { words } = definitionOf(spec).card;
  return (
    [
      frontMatter(spec, meta, base),
      `# ${spec.publish.model}`,
      `${code(base)}, fine-tuned by the pipeline ${code(name)} for ${words} (${method.type}).`,
      '## Results on the test split',
      metricsTable(meta.metrics),
      ...generatedLine(spec, meta.metrics),
      ...confusion(meta.metrics),
      ...reliability(meta.metrics),
      ...verdictSection(verdicts),
      '## Data',
      dataTable(tokens),
      cleaningLine(tokens),
      ...sourcesTable(spec, tokens),
      ...dataLines(tokens),
      '## Training',
      table(
        ['setting', 'value'],
        [
          ...Object.entries(meta.method),
          ...(meta.precision ? [['precision of the frozen base', meta.precision] as const] : []),
          ...Object.entries(training).filter(([, value]) => value !== undefined),
        ].map(([key, value]) => [key, code(JSON.stringify(value))]),
      ),
      ...(meta.lineage.engine ? [`Trained by ${engineWords(meta.lineage.engine)}.`] : []),
      ...(sweep ? ['## Chosen from', comparison(sweep)] : []),
      ...interventions(meta.lineage),
      '## Use',
      usage(spec, meta, {
        chat,
        mergeable: meta.format === 'adapter' && mergeRefusal(method) === undefined,
        loadable: isLoadable(spec, meta),
      }),
      '## Lineage',
      table(
        ['made from', 'digest'],
        [['base model', meta.base.digest], ...Object.entries(meta.lineage)]
          .filter(([, digest]) => typeof digest === 'string')
          .map(([what, digest]) => [String(what), `\`${String(digest)}\``]),
      ),
    ].join('\n\n') + '\n'
  );
}

/** Whether a library of Hugging Face loads the files. */
const isLoadable = ({ method }: PipelineSpec, { format }: ModelMeta) =>
  format === 'full' || isPeftAdapter(method);

function frontMatter(spec: PipelineSpec, meta: ModelMeta, base: string): string {
  const lines = [
    `base_model: ${visibleJson(base.replace(/^hf:/, ''))}`,
    ...(isLoadable(spec, meta)
      ? [`library_name: ${meta.format === 'adapter' ? 'peft' : 'transformers'}`]
      : []),
    `pipeline_tag: ${definitionOf(spec).card.tag}`,
    'tags: [temper]',
  ];
  return `---\n${lines.join('\n')}\n---`;
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const number = (value: unknown) => (isNumber(value) ? value.toFixed(4) : '–');

function metricsTable({ base, test }: Metrics): string {
  const [before, after] = [base, test].map((m) => (m ?? {}) as Metrics);
  const names = Object.keys(after!).filter((name) => isNumber(after![name]));
  const intervals = after!.interval95 as Readonly<Record<string, readonly number[]>> | undefined;
  const between = (name: string) => intervals?.[name]?.map(number).join(' to ') ?? '–';
  return table(
    ['metric', 'base model', 'fine-tuned', ...(intervals ? ['95% interval'] : [])],
    names.map((name) => [
      name,
      number(before![name]),
      number(after![name]),
      ...(intervals ? [between(name)] : []),
    ]),
  );
}

/** Of what the scores of generated texts are. */
function generatedLine(spec: PipelineSpec, { test }: Metrics): string[] {
  const words = generatedInWords((test ?? {}) as Metrics);
  return words ? [`${definitionOf(spec).written?.metrics.join(', ')}: ${words}.`] : [];
}

/** Labels of the data are in the evidence: nothing of them is markup. */
function verdictSection(verdicts: readonly Verdict[] = []): string[] {
  const lines = verdicts.map(({ name, evidence, change }) => {
    const next = change ? `; to change: ${code(change)}` : '';
    return `- **${name}**: ${plain(evidence)}${next}`;
  });
  return lines.length ? ['## Verdict', lines.join('\n')] : [];
}

/** Of more classes nobody reads a matrix. */
const LARGEST_MATRIX = 20;

/** Rows: the true class; columns: what the model says. */
function confusion({ test }: Metrics): string[] {
  const { confusionMatrix, labels } = (test ?? {}) as {
    confusionMatrix?: number[][];
    labels?: string[];
  };
  if (!Array.isArray(confusionMatrix) || confusionMatrix.length > LARGEST_MATRIX) return [];
  const names = confusionMatrix.map((_, i) => plain(labels?.[i] ?? String(i)));
  const rows = confusionMatrix.map((row, i) => [`**${names[i]}**`, ...row.map(String)]);
  return ['Confusion matrix (rows: truth, columns: prediction)', table(['', ...names], rows)];
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** How often the model is right where it is so sure. */
function reliability({ test }: Metrics): string[] {
  const { calibration } = (test ?? {}) as { calibration?: readonly Bin[] };
  if (!Array.isArray(calibration) || !calibration.length) return [];
  const rows = (calibration as readonly Bin[]).map(({ from, to, rows: count, confidence, accuracy }) => [
    `${from.toFixed(2)} to ${to.toFixed(2)}`,
    ...[String(count), number(confidence), number(accuracy)],
  ]);
  return [
    'Reliability (of its answers that sure, so many are right)',
    table(['probability', 'rows', 'mean probability', 'right'], rows),
  ];
}

function dataTable({ splits }: TokensMeta): string {
  const rows = splitNames.flatMap((split) => {
    const s = splits[split];
    return s ? [[split, s.examples, s.tokens, s.truncated].map(String)] : [];
  });
  return table(['split', 'examples', 'tokens', 'truncated'], rows);
}

function cleaningLine({ cleaning }: TokensMeta): string {
  return `Of ${cleaning.read} rows ${cleaning.kept} were kept; dropped: ${droppedWords(cleaning.dropped)}.`;
}

const droppedWords = (dropped: Readonly<Partial<Record<DropReason, number>>>): string => {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  return reasons.map(([reason, count]) => `${count} ${reason}`).join(', ') || 'nothing';
};

/** Where train is a list of sources. */
function sourcesTable({ dataset }: PipelineSpec, { sources }: TokensMeta): string[] {
  if (!sources) return [];
  const names = sourcesOf(dataset, 'train').map(({ source }) => nameOfSource(source));
  const rows = sources.map(({ weight, rows: read, kept, dropped, examples }, i) => [
    code(names[i] ?? ''),
    ...[read, kept].map(String),
    droppedWords(dropped),
    ...[weight, examples].map(String),
  ]);
  const head = ['source', 'rows', 'kept', 'dropped', 'weight', 'examples in an epoch'];
  return [table(head, rows)];
}

/** What is odd about the rows, and what became of the base model's head. */
function dataLines({ head, warnings = [], leaks }: TokensMeta): string[] {
  const samples = (leaks?.samples ?? []).map(
    ({ kind, row, ofRow, similarity, text }) =>
      `  - ${plain(row)} ${kind === 'exact' ? 'equals' : `is nearly (${similarity.toFixed(2)})`} ${plain(ofRow)}: ${inline(text)}`,
  );
  const lines = warnings.map(({ message }) => `- ${plain(message)}`);
  return [
    ...(head ? [`${plain(head.message)}.`] : []),
    ...(lines.length ? [['**Warnings**', '', ...lines, ...samples].join('\n')] : []),
  ];
}

const inline = (text: string) => plain(text.trim()) || 'no text';

/** The trials of a sweep, the best first. Their ids are left out: the card follows from the model alone. */
function comparison({ strategy, objective, trials, rows }: SweepComparison): string {
  const fields = Object.keys(rows[0]?.params ?? {});
  const lines = rows.map(({ trial, params, metric, steps, status, verdicts = [] }) => [
    String(trial),
    ...fields.map((field) => code(JSON.stringify(params[field]))),
    number(metric),
    steps === undefined ? '–' : String(steps),
    [status, ...verdicts].join(', '),
  ]);
  const best = objective.mode === 'max' ? 'largest' : 'smallest';
  const about = `The best of ${trials} trials (${strategy}) by the ${best} ${objective.split} ${objective.metric}.`;
  const shown = rows.length < trials ? ` The first ${rows.length} of them:` : '';
  const head = ['trial', ...fields.map(plain), objective.metric, 'steps', 'status'];
  return `${about}${shown}\n\n${table(head, lines)}`;
}

/** What people did to the run: the settings above alone do not lead to this model. */
function interventions({ forkedFrom, changes = [], approval }: ModelMeta['lineage']): string[] {
  const rows = changes.map((change) => [
    String(change.step),
    plain(changeWords(change)),
    plain(`${change.by}, ${change.at}`),
    plain(change.note ?? ''),
  ]);
  return [
    ...(forkedFrom
      ? [`Training began at step ${forkedFrom.step} of the run ${code(forkedFrom.runId)}.`]
      : []),
    ...(rows.length
      ? ['Changed while it trained:', table(['after step', 'change', 'by', 'note'], rows)]
      : []),
    ...(approval
      ? [
          `Approved by ${plain(`${approval.by}, ${approval.at}${approval.comment ? `: ${approval.comment}` : ''}`)}.`,
        ]
      : []),
  ];
}
