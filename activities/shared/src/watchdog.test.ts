import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { watchdog } from './watchdog.js';

describe('the watchdog', () => {
  it('learns from steady steps and then notices silence', async () => {
    using dog = watchdog({ first: 60_000, least: 80, factor: 2 });
    dog.touch(false);
    await sleep(150);
    expect(dog.signal.aborted).toBe(false); // loading may take as long as `first`
    dog.touch(true);
    dog.touch(true);
    await sleep(300);
    expect(dog.signal.reason).toBeInstanceOf(TemperError);
    expect(dog.signal.reason).toMatchObject({ code: 'TRAINER_DIED' });
  });

  it('allows slow steps where slow steps were seen', async () => {
    using dog = watchdog({ first: 60_000, least: 10, factor: 8 });
    dog.touch(true);
    await sleep(100);
    dog.touch(true);
    await sleep(400);
    expect(dog.signal.aborted).toBe(false);
  });
});
