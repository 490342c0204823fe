import { expect, it } from 'vitest';
import { serve } from './served-queues.js';

it('a device queue has one preset in a process, until that one ends', () => {
  const [one, other] = [{}, {}];
  const give = serve(one, 'default', 'temper-cpu-device');
  expect(() => serve(one, 'default', 'temper-cpu-device')).toThrow(
    /queue temper-cpu-device.*another preset of this process.*queuePrefix/,
  );
  serve(one, 'other', 'temper-cpu-device');
  serve(one, 'default', 'red-cpu-device');
  serve(other, 'default', 'temper-cpu-device');
  give();
  serve(one, 'default', 'temper-cpu-device');
});
