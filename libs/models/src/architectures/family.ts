import type { Problem, Task } from '@temper/contracts';
import type { GraphBuilder, Value } from '@temper/graph';

/** config.json of a Hugging Face model. */
export type HfConfig = Readonly<Record<string, unknown>> & { readonly model_type: string };

/** What the graph is built for. */
export interface Head {
  readonly task: Task;
  /** Classes of a classification head. */
  readonly labels: number;
}

/** A weight that the architecture needs, under the name that transformers gives it. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** A table that is looked up, as against a matrix that is multiplied. */
  readonly table?: true;
  /** Of a classification head: the first dimension is the classes. */
  readonly perClass?: true;
  /** A part of a task head: made from the seed where the files lack it. */
  readonly initial?: { readonly kind: 'normal'; readonly deviation: number } | { readonly kind: 'zeros' };
}

/** What a family's graph is made with: `weight` is the initializer of that name. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  weight(name: string): Value;
  /** [B, S] */
  readonly inputIds: Value;
  /** [B, S], 1 where there is a token. */
  readonly attentionMask: Value;
  /** int64 [tokens, 2]: where in the batch the real tokens are. */
  readonly places: Value;
  /** Causal language models only. */
  readonly labelPositions: Value | undefined;
  readonly head: Head;
  /** The longest sequence that will be fed, where a table of positions is made for it. */
  readonly maxSequence: number;
  /** x, of which training drops elements; `rate` is what config.json says for the place. */
  dropout(place: string, x: Value, rate: number): Value;
}

/** One family of models: everything Temper knows about it. `C` is what its config.json says. */
export interface Family<C = unknown> {
  /**
   * By the `model_type`s of config.json that have this architecture: transformers' class for each task that can be trained.
   */
  readonly classes: Readonly<Record<string, Readonly<Partial<Record<Task, string>>>>>;
  /** The settings, or everything in them that cannot be done. */
  settings(config: HfConfig): { readonly settings: C } | { readonly problems: readonly Problem[] };
  /** The name in transformers' task model of a tensor of a checkpoint; undefined for buffers that are no weights. */
  canonicalName(name: string): string | undefined;
  parameters(settings: C, head: Head): readonly Parameter[];
  /** Longest sequence that the positions allow. */
  maxPositions(settings: C): number;
  /** Returns the logits. */
  forward(context: ForwardContext, settings: C): Value;
}

/** Reads a config.json field by field and collects what is wrong. */
export class ConfigReader {
  readonly problems: Problem[] = [];
  constructor(private readonly config: HfConfig) {}

  positiveInteger(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    if (Number.isInteger(value) && (value as number) > 0) return value as number;
    this.report(key, 'must be a positive whole number', value);
    return 1;
  }

  positiveNumber(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    if (typeof value === 'number' && value > 0) return value;
    this.report(key, 'must be a positive number', value);
    return 1;
  }

  /** A dropout rate: from 0 to less than 1. */
  rate(key: string, fallback: number): number {
    const value = this.config[key] ?? fallback;
    if (typeof value === 'number' && value >= 0 && value < 1) return value;
    this.report(key, 'must be a number from 0 to less than 1', value);
    return 0;
  }

  flag(key: string, fallback: boolean): boolean {
    return (this.config[key] ?? fallback) === true;
  }

  /** Reports any other value than the ones that are implemented. */
  oneOf(key: string, allowed: readonly unknown[]): void {
    const value = this.config[key];
    if (value !== undefined && value !== null && !allowed.includes(value)) {
      this.report(key, 'is not supported', value, allowed.map(String).join(', '));
    }
  }

  report(key: string, message: string, found: unknown, allowed?: string): void {
    this.problems.push({
      path: `config.json: ${key}`,
      message,
      found: JSON.stringify(found) ?? 'nothing',
      ...(allowed ? { allowed } : {}),
    });
  }

  result<C>(settings: C): { settings: C } | { problems: Problem[] } {
    return this.problems.length ? { problems: this.problems } : { settings };
  }
}
