import { namesTemporal, temporalSettings } from '@temper/connection';
import { usageError } from '../failure.js';

/** Of `--ui-port`; undefined where it is not given. */
export function uiPortOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const path = '--ui-port';
  const port = Number(given);
  if (!/^\d+$/.test(given) || port < 1 || port > 65_535) {
    throw usageError(path, 'not a port', { found: given, allowed: '1 to 65535' });
  }
  if (namesTemporal(process.env)) {
    const found = `a Temporal server at ${temporalSettings(process.env).address}`;
    throw usageError(path, 'the UI of an external server is not started here', { found });
  }
  return port;
}

/** Refuses another port than the one asked for, of a UI that is there already. */
export function requireUiPort(wanted: number | undefined, uiUrl: string | undefined): void {
  if (wanted === undefined || uiUrl === undefined || new URL(uiUrl).port === String(wanted)) return;
  throw usageError('--ui-port', 'Temporal is running already, with its UI at another port', {
    found: uiUrl,
    hint: 'temper down, then temper up with --ui-port again',
  });
}
