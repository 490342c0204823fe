import { nearest, type Problem } from '@temper/contracts';

/** An IANA name in its own spelling: the server's time-zone files are case-sensitive. */
export function compileTimezone(name: string, problems: Problem[], path = '--timezone'): string {
  const known = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
  const spelt = known.find((zone) => zone.toLowerCase() === name.toLowerCase());
  if (spelt) return spelt;
  // Old names, such as Asia/Calcutta, are not in the list.
  if (/^[A-Z]\w*(\/\w+)+$/.test(name) && isKnown(name)) return name;
  const close =
    nearest(name, known) ?? known.find((zone) => zone.toLowerCase().endsWith(`/${name.toLowerCase()}`));
  problems.push({
    path,
    message: 'no such time zone',
    found: name,
    allowed: 'an IANA name, e.g. Europe/Berlin',
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  });
  return name;
}

function isKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

const moment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** An ISO date or time; UTC where it names no offset. */
export function compileMoment(path: string, text: string, problems: Problem[]): Date {
  const zoned = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const date = new Date(moment.test(text) ? zoned : NaN);
  if (!Number.isNaN(date.getTime())) return date;
  problems.push({
    path,
    message: 'not a time',
    found: text,
    allowed: 'ISO 8601, e.g. 2026-03-01, 2026-03-01T03:00:00Z or 2026-03-01T03:00:00+02:00',
  });
  return new Date(0);
}
