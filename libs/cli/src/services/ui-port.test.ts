import { afterEach, expect, it, vi } from 'vitest';
import { requireUiPort, uiPortOf } from './ui-port.js';

afterEach(() => void vi.unstubAllEnvs());

it('the UI has the port that is asked for, a free one, or is not started', () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  expect(uiPortOf({ temporalUi: true })).toBeUndefined();
  expect(uiPortOf({ temporalUi: true, uiPort: '8233' })).toBe(8233);
  expect(uiPortOf({ temporalUi: false })).toBe('none');
  expect(() => uiPortOf({ temporalUi: true, uiPort: '70000' })).toThrow(/--ui-port: not a port/);
  expect(() => uiPortOf({ temporalUi: false, uiPort: '8233' })).toThrow(/found --no-temporal-ui/);
  vi.stubEnv('TEMPORAL_ADDRESS', 'cluster:7233');
  expect(() => uiPortOf({ temporalUi: false })).toThrow(/--no-temporal-ui.*not started here.*cluster:7233/);
});

it('servers that run already have the UI that is asked for, or that is said', () => {
  const url = 'http://127.0.0.1:8233';
  expect(() => requireUiPort(undefined, url)).not.toThrow();
  expect(() => requireUiPort(8233, url)).not.toThrow();
  expect(() => requireUiPort('none', undefined)).not.toThrow();
  expect(() => requireUiPort(1024, url)).toThrow(/at another port.*temper down/);
  expect(() => requireUiPort('none', url)).toThrow(/with its UI; found/);
  expect(() => requireUiPort(8233, undefined)).toThrow(/without its UI/);
});
