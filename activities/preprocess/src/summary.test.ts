import { noneDropped, type TokensMeta } from '@temper/contracts';
import { expect, it } from 'vitest';
import { summaryOf } from './summary.js';

it('says why rows were dropped, the most frequent reason first', () => {
  const dropped = { ...noneDropped, duplicate: 2, templateRefuses: 3, messageNotWritten: 1, notText: 1 };
  const meta = {
    splits: { train: { examples: 1200 }, test: { examples: 5 } },
    labelNames: [],
    cleaning: { read: 1212, kept: 1205, dropped, partsNotWritten: 4, samples: [] },
  } as unknown as TokensMeta;
  expect(summaryOf(meta)).toBe(
    '1,205 examples (train 1,200, test 5), 7 dropped (5 conversations that the chat template cannot write, 2 duplicates), ' +
      '4 parts of messages that it does not write',
  );
  expect(
    summaryOf({ ...meta, cleaning: { ...meta.cleaning, dropped: noneDropped, partsNotWritten: 0 } }),
  ).toBe('1,205 examples (train 1,200, test 5), 0 dropped');
});
