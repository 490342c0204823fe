import { workflowInfo } from '@temporalio/workflow';
import type { Approval, ArtifactRef, Provider, Rebuild, RunResult, StageName } from '@temper/contracts';
import type {
  CompareOutput,
  EvaluateOutput,
  FineTuneInput,
  IngestOutput,
  StageOutput,
  TrainInput,
  TrainOutput,
} from '@temper/spec';
import { stageNames } from '@temper/contracts/run';
import { checkOrchestration } from '../check-orchestration.js';
import { Alerts } from './alerts.js';
import { RunControl } from './control.js';
import { poolFor } from './pool.js';
import { RunRecord } from './run-record.js';
import { comparing, deviceStages, lightStages } from './stages.js';
import { sameAsLast } from './unchanged.js';

/** What training and everything after it begins with. */
type Inputs = Pick<IngestOutput, 'dataset' | 'baseModel' | 'adapter'> & {
  readonly tokens: ArtifactRef<'tokens'>;
};

/** The stages of one run, in their order, with what people may ask for between them. */
export class Pipeline {
  readonly run: RunRecord;
  readonly alerts: Alerts;
  readonly #control: RunControl;
  readonly #light: ReturnType<typeof lightStages>;

  constructor(private readonly asked: FineTuneInput) {
    const { runId = workflowInfo().workflowId, spec, fork, changes, rebuild, orchestration } = asked;
    this.run = new RunRecord(runId, spec, fork);
    this.alerts = new Alerts(spec, (line) => this.run.note(line), orchestration);
    this.#control = new RunControl(this.run, spec, changes, rebuild !== undefined);
    this.#light = lightStages(spec, orchestration);
  }

  /** Returns where nothing is new, a stage is the last one asked for, the model is not to be published, or it is. */
  async result(): Promise<RunResult> {
    const { run, asked, alerts } = this;
    checkOrchestration(asked.orchestration);
    const ingested = await this.#stage('ingest', () => this.#light.ingest(this.#input('ingest')));
    run.ingested(ingested);
    const sameAs = asked.onlyNewData ? sameAsLast(ingested) : undefined;
    if (sameAs) return run.unchanged(sameAs);
    const { dataset } = ingested;
    const start = startOf(ingested);
    const { tokens, data } = await this.#stage('preprocess', () =>
      this.#light.preprocess({ ...this.#input('preprocess'), dataset, ...start }),
    );
    run.prepared(data);
    const inputs = { dataset, ...start, tokens };

    const provider = await poolFor(asked.spec, asked.orchestration);
    run.placedOn(provider);
    const trained = await this.#train(inputs, provider);
    run.trained(trained);
    if (asked.rebuild) return run.rebuilt(await this.#compare(inputs, trained, asked.rebuild));
    if (asked.until === 'train') return run.stopped();

    const evaluated = await this.#evaluate(inputs, trained, provider);
    run.evaluated(evaluated);
    if (asked.until === 'evaluate') return run.stopped();
    if (evaluated.gate.length) return this.#told('refused', run.refused(evaluated.gate));
    const drift = await alerts.drift(evaluated.test);

    const approval = await this.#control.approval();
    if (approval?.decision === 'rejected') return this.#told('refused', run.rejected(approval));

    const result = run.completed(await this.#publish(inputs, trained, evaluated, approval));
    return drift ? this.#told('drift', result, drift) : result;
  }

  #train({ tokens, ...start }: Inputs, provider: Provider): Promise<TrainOutput> {
    const { spec, stopAt, orchestration } = this.asked;
    const device = deviceStages(spec, provider, orchestration);
    const input = {
      ...this.#input('train'),
      ...startOf(start),
      tokens,
      ...this.#origin(),
      ...(stopAt ? { stopAt } : {}),
    };
    const { rebuild } = this.asked;
    if (rebuild) {
      const again = { ...input, ...(rebuild.expected ? { expected: rebuild.expected } : {}) };
      return this.run.stage('train', () =>
        this.#trainAgain(rebuild, ({ changes = [], ...more }) =>
          device.train({ ...again, ...more, ...(changes.length ? { changes } : {}) }),
        ),
      );
    }
    return this.run.stage('train', () =>
      this.#control.train((changes) => device.train({ ...input, ...(changes.length ? { changes } : {}) })),
    );
  }

  /** As it was trained: what was changed on the way is changed again after the same steps. */
  async #trainAgain(
    { changes = [] }: Rebuild,
    work: (more: Pick<TrainInput, 'stopAt' | 'changes'>) => Promise<TrainOutput>,
  ): Promise<TrainOutput> {
    const until = (end: number) =>
      changes.filter(({ step }) => step < end).map(({ step: _, ...change }) => change);
    for (const steps of new Set(changes.map(({ step }) => step)))
      if (steps > 0) await this.#control.train(() => work({ stopAt: { steps }, changes: until(steps) }));
    return this.#control.train(() => work({ changes: until(Infinity) }));
  }

  #compare(inputs: Inputs, { checkpoint, code }: TrainOutput, rebuild: Rebuild): Promise<CompareOutput> {
    const { spec, orchestration } = this.asked;
    const { dataset: _, ...start } = inputs;
    const input = { ...this.#input('publish'), ...start, ...this.#origin(), checkpoint, code, rebuild };
    return this.#stage('publish', () => comparing(spec, rebuild, orchestration).compareRebuilt(input));
  }

  #evaluate({ tokens, ...start }: Inputs, { checkpoint }: TrainOutput, provider: Provider) {
    const input = { ...this.#input('evaluate'), ...startOf(start), tokens, checkpoint, ...this.#origin() };
    const { spec, orchestration } = this.asked;
    return this.#stage('evaluate', () => deviceStages(spec, provider, orchestration).evaluate(input));
  }

  #publish(
    inputs: Inputs,
    { checkpoint, validation, changes, code }: TrainOutput,
    { base, test, comparison, verdicts }: EvaluateOutput,
    approval: Approval | undefined,
  ) {
    const { sweep } = this.asked;
    const evaluation = { base, test, ...(comparison ? { comparison } : {}) };
    const optional = {
      ...(verdicts ? { verdicts } : {}),
      ...(validation ? { validation } : {}),
      ...(sweep ? { sweep } : {}),
      ...(changes?.length ? { changes } : {}),
      ...(approval ? { approval } : {}),
      ...(code ? { code } : {}),
    };
    const input = {
      ...this.#input('publish'),
      ...inputs,
      checkpoint,
      ...this.#origin(),
      evaluation,
      ...optional,
    };
    return this.#stage('publish', () => this.#light.publish(input));
  }

  /** Of a training that is not the first of its run, or goes on from another run's. */
  #origin() {
    const { training, fork } = this.asked;
    return { ...(training ? { training } : {}), ...(fork ? { fork } : {}) };
  }

  #input(stage: StageName) {
    const { runId, spec } = this.run;
    const { unchecked, rebuild } = this.asked;
    const ofIngest = {
      ...(unchecked ? { unchecked: true } : {}),
      ...(rebuild ? { pinned: rebuild.pinned } : {}),
    };
    return {
      ...{ runId, spec },
      ...(isFresh(this.asked, stage) ? { fresh: true } : {}),
      ...(stage === 'ingest' ? ofIngest : {}),
    };
  }

  async #stage<O extends StageOutput>(name: StageName, work: () => Promise<O>): Promise<O> {
    await this.#control.boundary();
    return this.run.stage(name, work);
  }

  async #told(...told: Parameters<Alerts['send']>): Promise<RunResult> {
    await this.alerts.send(...told);
    // With a note of whoever could not be told.
    return this.run.progress().result!;
  }
}

/** No adapter is no field: what earlier runs have recorded stays as it is. */
const startOf = ({ baseModel, adapter }: Pick<Inputs, 'baseModel' | 'adapter'>) => ({
  baseModel,
  ...(adapter ? { adapter } : {}),
});

const isFresh = ({ fresh, from }: FineTuneInput, stage: StageName): boolean =>
  from ? stageNames.indexOf(stage) >= stageNames.indexOf(from) : fresh === true;
