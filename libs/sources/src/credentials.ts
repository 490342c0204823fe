import { TemperError, type DownloadSpec } from '@temper/contracts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A credential that a spec names for a source, as this process has it. */
export interface SourceCredential {
  readonly name: string;
  /** Of a hub or an address: sent as `authorization: Bearer`. */
  readonly token?: string | undefined;
}

const prefixOf = (name: string) => `TEMPER_CREDENTIAL_${name}`;

/**
 * What `download.credentials` names for a source: that of the longest beginning. Its values are in the environment of
 * whoever reads the source, and `…_FOR` says there which sources may have it: a spec alone sends a token to nobody.
 * @throws TemperError SOURCE_REFUSED where this process has it not, or not for this source
 */
export function credentialFor(
  uri: string,
  limits: Pick<DownloadSpec, 'credentials'> | undefined,
  env: Environment = process.env,
): SourceCredential | undefined {
  const named = Object.entries(limits?.credentials ?? {}).filter(([beginning]) => begins(uri, beginning));
  const [, name] = named.sort(([a], [b]) => b.length - a.length)[0] ?? [];
  if (name === undefined) return undefined;
  const prefix = prefixOf(name);
  const path = `download.credentials: ${name}`;
  const places = (env[`${prefix}_FOR`] ?? '').split(/\s+/).filter(Boolean);
  const token = env[`${prefix}_TOKEN`];
  if (!Object.keys(env).some((variable) => variable.startsWith(`${prefix}_`) && env[variable])) {
    throw refused(path, 'this process has no credential of that name', {
      hint: `its environment holds ${prefix}_TOKEN, or ${prefix}_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY, or …_PROFILE`,
    });
  }
  if (places.some((place) => begins(uri, place))) return { name, token };
  // A hub's token goes to the hub of this process alone, and the keys of a store never leave it.
  if (!places.length && !/^https?:/.test(uri)) return { name, token };
  throw refused(path, 'whoever runs this process has not given it for this source', {
    ...(places.length ? { allowed: places.join(' ') } : {}),
    hint: `${prefix}_FOR lists the beginnings of sources that it is for`,
  });
}

/** `s3://lake` is that bucket and what is in it, not `s3://lake-of-others`. */
function begins(uri: string, beginning: string): boolean {
  if (!uri.startsWith(beginning)) return false;
  return uri.length === beginning.length || /[/:]$/.test(beginning) || /[/@?]/.test(uri[beginning.length]!);
}

const refused = (path: string, message: string, more: { readonly allowed?: string; readonly hint: string }) =>
  new TemperError('SOURCE_REFUSED', { path, message, ...more });
