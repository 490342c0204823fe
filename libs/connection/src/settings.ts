import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TemperError } from '@temper/contracts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** For the `connect` of a client and of a worker alike. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  /** `true`: the system's authorities; an object: an authority, a certificate or a server name of one's own. */
  readonly tls?: boolean | TlsSettings;
  readonly apiKey?: string;
  /** Headers of every request. */
  readonly metadata?: Record<string, string>;
}

interface TlsSettings {
  readonly serverNameOverride?: string;
  readonly serverRootCACertificate?: Uint8Array;
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array };
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';

/** Whether the environment names a Temporal server; else the embedded one is meant. A profile file alone names none. */
export const namesTemporal = (env: Environment): boolean =>
  Boolean(env['TEMPORAL_ADDRESS'] || env['TEMPORAL_PROFILE'] || env['TEMPORAL_CONFIG_FILE']);

/**
 * Of child processes that shall use a server of this machine, whatever else the environment and the user's profile say:
 * its port speaks plain text, and gets no key that is meant for another.
 */
export const embeddedEnvironment = (at: { readonly address: string; readonly namespace: string }) => ({
  TEMPORAL_ADDRESS: at.address,
  TEMPORAL_NAMESPACE: at.namespace,
  ...{ TEMPORAL_CONFIG_FILE: '', TEMPORAL_PROFILE: '', TEMPORAL_API_KEY: '', TEMPORAL_TLS: 'false' },
});

/**
 * As every Temporal tool has them: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS`,
 * `TEMPORAL_TLS_*`, `TEMPORAL_GRPC_META_*`; what they leave out, the profile (`TEMPORAL_PROFILE`, default `default`) of
 * `TEMPORAL_CONFIG_FILE` or the user's `temporalio/temporal.toml`. An API key means TLS.
 * @throws TemperError SPEC_INVALID: a profile, certificate or key that is not there, or half a pair
 */
export function temporalSettings(env: Environment): TemporalSettings {
  const { connectionOptions, namespace } = loaded(env);
  const { address, tls, apiKey, metadata } = connectionOptions as Partial<TemporalSettings>;
  checkPair(env);
  return {
    address: address || DEFAULT_ADDRESS,
    namespace: namespace || 'default',
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function loaded(env: Environment) {
  // An empty variable is one that is not set; but an empty name of a file means that none is read.
  const set = Object.entries(env).filter(([name, value]) => value || name === 'TEMPORAL_CONFIG_FILE');
  const file = env['TEMPORAL_CONFIG_FILE'];
  try {
    return loadClientConnectConfig({
      overrideEnvVars: Object.fromEntries(set) as Record<string, string>,
      disableFile: file === '',
    });
  } catch (cause) {
    const { message, code, path } = cause as NodeJS.ErrnoException;
    const isFile = code !== undefined && path !== undefined;
    throw new TemperError(
      'SPEC_INVALID',
      {
        path: isFile ? variableOf(env, path) : env['TEMPORAL_PROFILE'] ? 'TEMPORAL_PROFILE' : 'temporal.toml',
        message: isFile ? 'the file cannot be read' : 'the settings of Temporal cannot be used',
        found: isFile ? `${path} (${code})` : message,
        hint: 'temporal config list shows the profiles; TEMPORAL_CONFIG_FILE names another file',
      },
      { cause },
    );
  }
}

const variableOf = (env: Environment, path: string) =>
  Object.keys(env).find((name) => name.startsWith('TEMPORAL_') && env[name] === path) ?? 'temporal.toml';

/** The SDK leaves out half a pair without a word, and the server's refusal says nothing of it. */
function checkPair(env: Environment): void {
  const has = (part: string) =>
    Boolean(env[`TEMPORAL_TLS_CLIENT_${part}_PATH`] || env[`TEMPORAL_TLS_CLIENT_${part}_DATA`]);
  if (has('CERT') === has('KEY')) return;
  const missing = has('CERT') ? 'KEY' : 'CERT';
  throw new TemperError('SPEC_INVALID', {
    path: `TEMPORAL_TLS_CLIENT_${missing}_PATH`,
    message: 'a client certificate needs its key, and a key its certificate',
    hint: `set TEMPORAL_TLS_CLIENT_${missing}_PATH or TEMPORAL_TLS_CLIENT_${missing}_DATA too`,
  });
}
