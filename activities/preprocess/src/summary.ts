import { splitNames, type CleaningReport, type DropReason, type TokensMeta } from '@temper/contracts';

const notWritten = 'conversations that the chat template cannot write';

/** One reason in words can stand for several. */
const reasonWords: Readonly<Record<DropReason, string>> = {
  empty: 'empty',
  duplicate: 'duplicates',
  nearDuplicate: 'near-duplicates',
  conflictingLabel: 'with conflicting labels',
  tooShort: 'too short',
  tooLong: 'too long',
  answerCutOff: 'with the answer beyond tokenize.maxLength',
  nothingCounted: 'of which nothing counts',
  templateRefuses: notWritten,
  messageNotWritten: notWritten,
  answerNotFound: notWritten,
  notText: notWritten,
};

/** `27 dropped (25 duplicates, 2 empty)`, the most frequent reason first. */
function droppedWords({ dropped }: CleaningReport): string {
  const counts = new Map<string, number>();
  for (const [reason, words] of Object.entries(reasonWords))
    counts.set(words, (counts.get(words) ?? 0) + dropped[reason as DropReason]);
  const found = [...counts].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  const all = found.reduce((sum, [, n]) => sum + n, 0);
  const reasons = found.map(([words, n]) => `${count(n)} ${words}`);
  return `${count(all)} dropped${reasons.length ? ` (${reasons.join(', ')})` : ''}`;
}

const count = (n: number) => n.toLocaleString('en');

/** `4,812 examples (train 3,850, validation 481, test 481), 3 classes, 27 dropped (27 duplicates); head of the base model kept: …` */
export function summaryOf({ splits, labelNames, cleaning, head, warnings = [] }: TokensMeta): string {
  const parts = splitNames.flatMap((name) =>
    splits[name] ? [`${name} ${count(splits[name].examples)}`] : [],
  );
  const examples = Object.values(splits).reduce((sum, split) => sum + split.examples, 0);
  const { partsNotWritten = 0 } = cleaning;
  const counts = [
    `${count(examples)} examples (${parts.join(', ')})`,
    ...(labelNames.length ? [`${count(labelNames.length)} classes`] : []),
    droppedWords(cleaning),
    ...(partsNotWritten ? [`${count(partsNotWritten)} parts of messages that it does not write`] : []),
  ];
  const leaks = warnings.filter(({ code }) => code === 'leak').map(({ message }) => message.split(': ')[0]!);
  const others = warnings.length - leaks.length;
  return [
    counts.join(', '),
    ...(head ? [head.message] : []),
    ...leaks,
    ...(others ? [`${others} ${others > 1 ? 'warnings' : 'warning'} about classes`] : []),
  ].join('; ');
}
