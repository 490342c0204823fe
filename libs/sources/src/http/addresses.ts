import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Whether everybody may reach the address: not loopback, link-local (where clouds keep their machines' credentials),
 * private, or reserved, also where an IPv6 address carries such an IPv4 one.
 */
export function isPublic(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(plain)) return false;
  const parsed = ipaddr.process(plain);
  const range = parsed.range();
  if (range === 'unicast') return true;
  // RFC 6052: networks without IPv4 reach it so.
  const carried = parsed.kind() === 'ipv6' && range === 'rfc6052' && parsed.toByteArray().slice(12);
  return carried ? ipaddr.fromByteArray(carried).range() === 'unicast' : false;
}

const ownNames = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|corp|home|private|home\.arpa)$/;

/** Whether the host says by itself that it is inside: a private address, `localhost`, a name without a dot. */
export const namesPrivate = (host: string): boolean =>
  isIP(host) ? !isPublic(host) : !host.includes('.') || ownNames.test(host);

/** Without the brackets of IPv6, and the dot of a whole name. */
export const hostOf = (url: URL): string =>
  url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

type Lookup = typeof lookup;
type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A `lookup` for `http.request` that gives public addresses alone. It is asked when the connection is made, so that a
 * name cannot be one address for a check and another for the connection.
 */
export const publicLookup =
  (refuse: (host: string) => Error, look: Lookup = lookup) =>
  (host: string, options: LookupOptions, answer: Answer): void => {
    look(host, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, []);
      const open = addresses.filter(({ address }) => isPublic(address));
      const [first] = open;
      if (!first) return answer(refuse(host), []);
      return options.all ? answer(null, open) : answer(null, first.address, first.family);
    });
  };
