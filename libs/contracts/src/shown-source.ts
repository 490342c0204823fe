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
