import { splitNames, type TokensMeta } from '@temper/contracts';

/** `4,812 examples (train 3,850, validation 481, test 481), 3 classes, 27 dropped; head of the base model kept: …` */
export function summaryOf({ splits, labelNames, cleaning, head, warnings = [] }: TokensMeta): string {
  const count = (n: number) => n.toLocaleString('en');
  const parts = splitNames.flatMap((name) =>
    splits[name] ? [`${name} ${count(splits[name].examples)}`] : [],
  );
  const examples = Object.values(splits).reduce((sum, split) => sum + split.examples, 0);
  const dropped = Object.values(cleaning.dropped).reduce((sum, n) => sum + n, 0);
  const {
    answerCutOff: cutOff,
    templateRefuses,
    messageNotWritten,
    answerNotFound,
    notText,
  } = cleaning.dropped;
  const notWritten = templateRefuses + messageNotWritten + answerNotFound + notText;
  const { partsNotWritten = 0 } = cleaning;
  const counts = [
    `${count(examples)} examples (${parts.join(', ')})`,
    ...(labelNames.length ? [`${count(labelNames.length)} classes`] : []),
    `${count(dropped)} dropped`,
    ...(cutOff ? [`${count(cutOff)} of them with the answer beyond tokenize.maxLength`] : []),
    ...(notWritten ? [`${count(notWritten)} of them conversations that the chat template cannot write`] : []),
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
