import { splitNames, type ClassRows, type DataWarning, type SplitName } from '@temper/contracts';
import { numberOf, shownLabel, shownLabels, spellingKey } from './spelling.js';

/** How many rows of each class a split has. */
export type LabelCounts = Readonly<Partial<Record<SplitName, ReadonlyMap<string, number>>>>;

interface ClassWarningOptions {
  /** Splits that will be taken from train's rows, where these counts are of files. */
  readonly open?: readonly SplitName[];
  /** Class numbers are not spelt. */
  readonly numbered?: boolean;
}

/** What is odd about the classes of a data set, a line each; few and short, however many classes there are. */
export function classWarnings(
  counts: LabelCounts,
  { open = [], numbered = false }: ClassWarningOptions = {},
): DataWarning[] {
  const labels = [...new Set(splitNames.flatMap((split) => [...(counts[split]?.keys() ?? [])]))];
  const given = splitNames.filter((split) => counts[split]);
  const heldOut = given.filter((split) => split !== 'train');
  const rows = (label: string, split: SplitName) => counts[split]?.get(label) ?? 0;
  const total = (label: string) => given.reduce((sum, split) => sum + rows(label, split), 0);
  const splits = given.length + open.length;

  const warnings: (DataWarning | undefined)[] = numbered ? [] : spellingWarnings(labels, given, rows);
  const untrained = labels.filter((label) => !rows(label, 'train'));
  warnings.push(
    about('class-not-in-train', untrained, (list) => {
      const where = heldOut.filter((split) => untrained.some((label) => rows(label, split)));
      const verb = untrained.length > 1 ? 'classes have' : 'class has';
      return `${verb} no row in train, only in ${where.join(' and ')}, so that nothing of them is learnt: ${list}`;
    }),
  );
  if (heldOut.length && !open.length) {
    const unmeasured = labels.filter((label) => heldOut.every((split) => !rows(label, split)));
    warnings.push(
      about('class-not-measured', unmeasured, (list) => {
        const verb = unmeasured.length > 1 ? 'classes have' : 'class has';
        return `${verb} rows in train alone, so that how well they are told apart is not measured: ${list}`;
      }),
    );
  }
  const small = labels.filter((label) => total(label) < splits);
  warnings.push(
    about('class-too-small', small, (list) => {
      const verb = small.length > 1 ? 'classes have' : 'class has';
      return `${verb} fewer rows than there are splits (${splits}): ${list}`;
    }),
  );
  return warnings.filter((warning) => warning !== undefined);
}

function about(
  code: DataWarning['code'],
  labels: readonly string[],
  message: (list: string) => string,
): DataWarning | undefined {
  if (!labels.length) return undefined;
  const count = labels.length;
  return { code, count, message: `${count.toLocaleString('en')} ${message(shownLabels(labels))}` };
}

const GROUPS = 3;

/** Labels that are probably meant to be one class. */
function spellingWarnings(
  labels: readonly string[],
  given: readonly SplitName[],
  rows: (label: string, split: SplitName) => number,
): (DataWarning | undefined)[] {
  const groups = new Map<string, string[]>();
  for (const label of labels) {
    const key = spellingKey(label);
    groups.set(key, [...(groups.get(key) ?? []), label]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1);
  const shown = (label: string) => {
    const where = given.filter((split) => rows(label, split));
    return `${shownLabel(label)} (${where.map((split) => `${split} ${rows(label, split).toLocaleString('en')}`).join(', ')})`;
  };
  const warning = (code: DataWarning['code'], found: readonly string[][], what: string) => {
    if (!found.length) return undefined;
    const lines = found.slice(0, GROUPS).map((group) => group.slice(0, 4).map(shown).join(' and '));
    const more = found.length > GROUPS ? `; and ${(found.length - GROUPS).toLocaleString('en')} more` : '';
    return {
      code,
      count: found.length,
      message: `${what}, yet are classes of their own: ${lines.join('; ')}${more}`,
    };
  };
  const isNumber = (group: string[]) => numberOf(group[0]!) !== undefined;
  return [
    warning('label-number', several.filter(isNumber), 'labels are one number written in several ways'),
    warning(
      'label-spelling',
      several.filter((group) => !isNumber(group)),
      'labels differ only by white space, case or Unicode form',
    ),
  ];
}

/** The counts by class number, as the tokens artifact keeps them. */
export function classRowsOf(counts: LabelCounts, labelNames: readonly string[]): ClassRows {
  const rows = splitNames.flatMap((split) => {
    const of = counts[split];
    return of ? [[split, labelNames.map((name) => of.get(name) ?? 0)] as const] : [];
  });
  return Object.fromEntries(rows);
}
