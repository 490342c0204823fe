import type { HeadReport } from '@temper/contracts';
import { orderLabels } from './order.js';
import { numberOf, shownLabels, spellingKey } from './spelling.js';

/** What a base model's files say about classes. */
export interface BaseHead {
  /** Rows of the head's weights; undefined where the files have no head. */
  readonly classes?: number | undefined;
  /** `id2label` of config.json. */
  readonly names?: readonly string[] | undefined;
  /** Whose it is, for people; default: `base model`. */
  readonly owner?: string | undefined;
}

/** An adapter to start from brings its own head; its classes are those of the base model unless it names others. */
export const headToStartFrom = (
  base: BaseHead,
  adapter: Pick<BaseHead, 'classes' | 'names'> | undefined,
): BaseHead =>
  adapter ? { classes: adapter.classes, names: adapter.names ?? base.names, owner: 'adapter' } : base;

export interface HeadPlan {
  /** By class number. */
  readonly labelNames: readonly string[];
  readonly head: HeadReport;
}

/**
 * Which classes the model will have, and whether the head of the base model's files is theirs. It is where they have the same
 * names (spellings aside), in the model's order; and where the model names none and the labels are the numbers 0 … k−1.
 */
export function planHead(found: readonly string[], base: BaseHead): HeadPlan {
  const names = base.names && agreeing(found, base.names);
  const { classes, owner = 'base model' } = base;
  if (classes === undefined) return made(names ?? orderLabels(found), 'the base model has none');
  if (classes !== found.length) return made(names ?? orderLabels(found), `the ${owner}'s has ${classes}`);
  if (names) return own(owner, names, 'its classes are those of the data');
  const known = realNames(base);
  if (known) return made(orderLabels(found), `the ${owner}'s are ${shownLabels(known)}`);
  const numbered = numbers(found);
  return numbered
    ? own(owner, numbered, 'its classes have no names, and the labels are their numbers')
    : made(orderLabels(found), `the ${owner}'s have no names, so that nobody knows which they are`);
}

/**
 * For class numbers beside token ids, which always mean the rows of the model's own head, also those that no example has.
 * `largest`: of the class numbers.
 */
export function planNumberedHead(largest: number, base: BaseHead): HeadPlan {
  const { classes, names, owner = 'base model' } = base;
  const total = Math.max(largest + 1, classes ?? names?.length ?? 0);
  const labelNames =
    names?.length === total ? [...names] : Array.from({ length: total }, (_, i) => String(i));
  if (classes === undefined) return made(labelNames, 'the base model has none');
  if (classes === total) return own(owner, labelNames, 'the class numbers are its rows');
  return made(labelNames, `the ${owner}'s has ${classes}`);
}

/** For a head whose size the task says, whatever the rows are. */
export const planSizedHead = (size: number, { classes, owner = 'base model' }: BaseHead): HeadReport =>
  classes === size
    ? own(owner, [], `it has ${size} as well`).head
    : {
        from: 'new',
        message: `head made anew for ${size}: ${classes === undefined ? 'the base model has none' : `the ${owner}'s has ${classes}`}`,
      };

/** For a head whose size is the model's own. */
export const planWholeHead = (isThere: boolean): HeadReport =>
  isThere
    ? own('base model', [], 'it is in its files').head
    : { from: 'new', message: 'head made anew: the base model has none' };

const own = (owner: string, labelNames: readonly string[], why: string): HeadPlan => ({
  labelNames,
  head: { from: 'own', message: `head of the ${owner} kept: ${why}` },
});

const made = (labelNames: readonly string[], why: string): HeadPlan => ({
  labelNames,
  head: { from: 'new', message: `head made anew for ${labelNames.length} classes: ${why}` },
});

/** The labels in the order of the model's names, as they are spelt in the data; undefined unless all of both agree. */
function agreeing(found: readonly string[], ofModel: readonly string[]): string[] | undefined {
  if (found.length !== ofModel.length) return undefined;
  const exact = new Set(found);
  if (exact.size === found.length && ofModel.every((name) => exact.has(name))) {
    return new Set(ofModel).size === ofModel.length ? [...ofModel] : undefined;
  }
  const byKey = new Map(found.map((label) => [spellingKey(label), label]));
  const ordered = ofModel.flatMap((name) => byKey.get(spellingKey(name)) ?? []);
  return new Set(ordered).size === found.length && ordered.length === found.length ? ordered : undefined;
}

/** Names that say something: transformers writes LABEL_0 … where nobody named the classes. */
function realNames({ names, classes }: BaseHead): readonly string[] | undefined {
  if (!names?.length || (classes !== undefined && names.length !== classes)) return undefined;
  return names.every((name, i) => name === `LABEL_${i}`) ? undefined : names;
}

/** The labels in the order of the numbers 0 … k−1 that they are; undefined where they are not. */
function numbers(found: readonly string[]): string[] | undefined {
  const ordered = new Array<string | undefined>(found.length).fill(undefined);
  for (const label of found) {
    const value = numberOf(label);
    if (value === undefined || !Number.isInteger(value) || value < 0 || value >= found.length)
      return undefined;
    if (ordered[value] !== undefined) return undefined;
    ordered[value] = label;
  }
  return ordered as string[];
}
