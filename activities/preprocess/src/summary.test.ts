import { noneDropped, type TokensMeta } from '@temper/contracts';
import { expect, it } from 'vitest';
import { summaryOf } from './summary.js';

it('says how many conversations the chat template cannot write', () => {
  const dropped = { ...noneDropped, duplicate: 2, templateRefuses: 3, messageNotWritten: 1, notText: 1 };
  const meta = {
    splits: { train: { examples: 1200 }, test: { examples: 5 } },
    labelNames: [],
    cleaning: { read: 1212, kept: 1205, dropped, partsNotWritten: 4, samples: [] },
  } as unknown as TokensMeta;
  expect(summaryOf(meta)).toBe(
    '1,205 examples (train 1,200, test 5), 7 dropped, 5 of them conversations that the chat template cannot write, ' +
      '4 parts of messages that it does not write',
  );
  expect(
    summaryOf({ ...meta, cleaning: { ...meta.cleaning, dropped: noneDropped, partsNotWritten: 0 } }),
  ).toBe('1,205 examples (train 1,200, test 5), 0 dropped');
});
