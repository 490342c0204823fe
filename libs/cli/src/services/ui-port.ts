import { namesTemporal, temporalSettings } from '@temper/connection';
import type { UiPort } from '@temper/services';
import { usageError } from '../failure.js';

export interface UiFlags {
  /** Of `--ui-port`. */
  readonly uiPort?: string;
  /** `false` of `--no-temporal-ui`. */
  readonly temporalUi: boolean;
}

/** What is asked for; undefined where nothing is. */
export function uiPortOf({ uiPort: given, temporalUi }: UiFlags): UiPort | undefined {
  if (given === undefined && temporalUi) return undefined;
  const path = given === undefined ? '--no-temporal-ui' : '--ui-port';
  const port = Number(given);
  if (given !== undefined && !temporalUi) {
    throw usageError(path, 'there is no port of a UI that is not started', { found: '--no-temporal-ui' });
  }
  if (given !== undefined && (!/^\d+$/.test(given) || port < 1 || port > 65_535)) {
    throw usageError(path, 'not a port', { found: given, allowed: '1 to 65535' });
  }
  if (namesTemporal(process.env)) {
    const found = `a Temporal server at ${temporalSettings(process.env).address}`;
    throw usageError(path, 'the UI of an external server is not started here', { found });
  }
  return given === undefined ? 'none' : port;
}

/** Refuses another UI than the one asked for, of servers that run already. */
export function requireUiPort(wanted: UiPort | undefined, uiUrl: string | undefined): void {
  if (wanted === undefined || portOf(uiUrl) === String(wanted)) return;
  const flag = wanted === 'none' ? '--no-temporal-ui' : '--ui-port';
  const as = uiUrl === undefined ? 'without its UI' : 'with its UI at another port';
  throw usageError(flag, `Temporal is running already, ${wanted === 'none' ? 'with its UI' : as}`, {
    found: uiUrl,
    hint: `temper down, then temper up with ${flag} again`,
  });
}

const portOf = (uiUrl: string | undefined) => (uiUrl === undefined ? 'none' : new URL(uiUrl).port);
