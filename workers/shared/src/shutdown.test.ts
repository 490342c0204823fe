import { describe, expect, it } from 'vitest';
import { heartbeatInterval } from './heartbeat.js';
import { shutdown } from './shutdown.js';

describe('how long a worker takes to stop', () => {
  it('is 18 seconds, of which a trainer has 15 for its last checkpoint', () => {
    expect(shutdown({})).toEqual({
      worker: { shutdownGraceTime: 0, shutdownForceTime: 18_000 },
      trainer: { graceMs: 15_000 },
    });
  });

  it('is said by the environment, so that a pod may take as long as its grace period', () => {
    expect(shutdown({ TEMPER_SHUTDOWN_SECONDS: '120' })).toMatchObject({
      worker: { shutdownForceTime: 120_000 },
      trainer: { graceMs: 117_000 },
    });
  });

  it.each(['soon', '0', '-1', '1.5', '1e9'])('%s is refused', (found) => {
    expect(() => shutdown({ TEMPER_SHUTDOWN_SECONDS: found })).toThrow(
      expect.objectContaining({ code: 'SPEC_INVALID', problems: [expect.objectContaining({ found })] }),
    );
  });
});

describe('how often a stage says that it lives', () => {
  it("is the stages' own, or said by the environment", () => {
    expect(heartbeatInterval({})).toBeUndefined();
    expect(heartbeatInterval({ TEMPER_HEARTBEAT_SECONDS: '20' })).toBe(20_000);
    expect(() => heartbeatInterval({ TEMPER_HEARTBEAT_SECONDS: '61' })).toThrow(
      expect.objectContaining({ code: 'SPEC_INVALID' }),
    );
  });
});
