import { shownSource, TemperError } from '@temper/contracts';
import type { lookup } from 'node:dns';
import { request as overHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP } from 'node:net';
import { hostOf, isPublic, namesPrivate, publicLookup } from './addresses.js';
import type { Watch } from './watch.js';

export interface Opened {
  readonly response: IncomingMessage;
  /** Where the redirects ended. */
  readonly url: URL;
}

export interface OpenOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** For the host of the address, and no other that it leads to. */
  readonly token?: string | undefined;
  readonly watch: Watch;
  /** For tests. */
  readonly look?: typeof lookup | undefined;
}

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for an address, and follows redirects as far as the limits allow, over http(s) alone. Inside the own network only
 * the host that the user's own address names is asked, and those that the spec lists: a public server must not make this
 * machine read what only it can reach. No credentials are sent but `token`, and that to the address's own host alone.
 */
export async function openAddress(address: string, options: OpenOptions): Promise<Opened> {
  const { watch } = options;
  const { maxRedirects, privateHosts } = watch.limits;
  let url = new URL(address);
  const own = hostOf(url);
  const { origin } = url;
  const mayBePrivate = (host: string) =>
    privateHosts.some((listed) => listed.toLowerCase() === host) || (host === own && namesPrivate(own));
  for (let hops = 0; ; hops++) {
    const response = await ask(url, mayBePrivate(hostOf(url)), withToken(options, url.origin === origin));
    const location = response.headers.location;
    if (!redirects.has(response.statusCode!) || location === undefined) return { response, url };
    response.destroy();
    if (hops === maxRedirects)
      throw refused(
        watch.path,
        `more than ${maxRedirects} redirects`,
        "the spec's download.maxRedirects sets the limit",
      );
    url = nextOf(location, url, watch.path);
  }
}

const withToken = ({ token, ...options }: OpenOptions, isOwn: boolean): OpenOptions =>
  token && isOwn
    ? { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } }
    : options;

/** @throws TemperError SOURCE_REFUSED where it leaves http(s), or goes from https to http */
export function nextOf(location: string, from: URL, path: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!next || !/^https?:$/.test(next.protocol)) {
    throw refused(
      path,
      `a redirect that leaves http(s): ${JSON.stringify(shownSource(location).slice(0, 200))}`,
    );
  }
  if (from.protocol === 'https:' && next.protocol === 'http:') {
    throw refused(
      path,
      `a redirect from https to http, where anybody on the way can change what comes: ${JSON.stringify(shownSource(next.href).slice(0, 200))}`,
      'name that address itself where it is meant',
    );
  }
  next.username = next.password = next.hash = '';
  return next;
}

function ask(
  url: URL,
  mayBePrivate: boolean,
  { headers, watch, look }: OpenOptions,
): Promise<IncomingMessage> {
  const host = hostOf(url);
  const closed = (name: string) =>
    refused(
      watch.path,
      `${name} is inside this network, which only the source itself may name`,
      // Where an address alone leads inside, somebody else has chosen it.
      isIP(name) ? undefined : `download: {privateHosts: [${name}]} in the spec allows it`,
    );
  if (isIP(host) && !mayBePrivate && !isPublic(host)) throw closed(host);
  const guard: RequestOptions = mayBePrivate
    ? look
      ? { lookup: look }
      : {}
    : { lookup: publicLookup(closed, look) };
  const options = { headers, signal: watch.signal, agent: false as const, ...guard };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, resolve);
    request.once('error', (error: NodeJS.ErrnoException) => reject(failure(error, watch)));
    request.end();
  });
}

/** What a broken connection is: the limit that broke it, a cancellation, or a server that cannot be reached. */
export function failure(error: NodeJS.ErrnoException, watch: Watch, during = ''): unknown {
  if (watch.passed) return watch.passed;
  if (error instanceof TemperError || watch.signal.aborted || error.code === 'ENOSPC') return error;
  const said = error.message || error.code || 'no answer';
  // What ends too early may come whole the next time; what is no HTTP will not be HTTP.
  if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE')
    return refused(watch.path, `the server's answer is not HTTP: ${said}`);
  return new TemperError(
    'SOURCE_UNAVAILABLE',
    { path: watch.path, message: `${during}${said}` },
    { cause: error },
  );
}

export const refused = (path: string, message: string, hint?: string) =>
  new TemperError('SOURCE_REFUSED', { path, message, ...(hint ? { hint } : {}) });
