/**
 * A source as it may be shown and kept: an address without its query, where tokens and signatures are, and without a
 * user's name or password.
 */
export function shownSource(uri: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(uri) || /^(?:s3|file):/.test(uri)) return uri;
  return uri
    .replace(/^([^:]+:\/\/)[^/?#]*@/, '$1…@')
    .replace(/[?#].*$/s, (rest) => (rest[0] === '?' ? '?…' : ''));
}

interface Weighed {
  readonly source: string;
  readonly weight: number;
}

/** So many sources of a list are named. */
const NAMED = 3;

/** Of a line that people read: one source, or several with the weights that are not 1. */
export function sourcesInWords(sources: string | readonly Weighed[]): string {
  if (typeof sources === 'string') return sourceInWords(sources);
  const named = sources
    .slice(0, NAMED)
    .map(({ source, weight }) => `${sourceInWords(source)}${weight === 1 ? '' : ` ×${weight}`}`);
  const more = sources.length - named.length;
  return [...named, ...(more ? [`${more} more`] : [])].join(', ');
}

/** The same for a line that people read: of what was stored for the workers, what it was called. */
export function sourceInWords(uri: string): string {
  const [, hex, name] = /^stored:([\da-f]{8})[\da-f]*\/(.+)$/.exec(uri) ?? [];
  return hex ? `${name} (stored ${hex})` : shownSource(uri);
}
