import { expect, it } from 'vitest';
import { changed } from './retention.js';

it('changes what a store keeps, and refuses what is no setting of it', () => {
  const before = { checkpoints: { last: 2 } };
  expect(changed(before, ['checkpoints.best=whole', 'cache=7d'])).toEqual({
    checkpoints: { last: 2, best: 'whole' },
    cache: '7d',
  });
  expect(before).toEqual({ checkpoints: { last: 2 } });
  expect(() => changed({}, ['checkpoints.last=0'])).toThrow('checkpoints.last');
  expect(() => changed({}, ['cache=7 days'])).toThrow('cache');
  expect(() => changed({}, ['models=1d'])).toThrow('allowed');
});
