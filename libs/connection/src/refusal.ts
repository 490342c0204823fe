import { TemperError } from '@temper/contracts';
import type { TemporalSettings } from './settings.js';
import { tlsFault } from './tls-fault.js';

/** What a failed connection was, for people: `connect` of client and worker say it in words of their own. */
export async function connectionRefusal(
  settings: Pick<TemporalSettings, 'address' | 'tls'>,
  cause: unknown,
): Promise<TemperError> {
  const fault = await tlsFault(settings).catch(() => undefined);
  const said = [
    ...(fault ? [`${fault.message} ${(fault as NodeJS.ErrnoException).code ?? ''}`.trim()] : []),
    wordsOf(cause),
  ].join('; ');
  const { message, path, hint } = causes.find(({ pattern }) => pattern.test(said)) ?? nobody;
  return new TemperError(
    'SERVICE_UNAVAILABLE',
    { path, message, found: `${settings.address}${shown(said)}`, hint },
    { cause },
  );
}

const nobody = {
  path: 'TEMPORAL_ADDRESS',
  message: 'no Temporal server answers here',
  hint: 'check the address, or unset it to use the embedded server',
};

/** By what gRPC's two implementations (JavaScript of the client, Rust of the worker) say. */
const causes = [
  {
    pattern: /PERMISSION_DENIED|UNAUTHENTICATED|Unauthorized|Request unauthorized/i,
    path: 'TEMPORAL_API_KEY',
    message: 'the server refuses these credentials',
    hint: 'check TEMPORAL_API_KEY, TEMPORAL_NAMESPACE and the client certificate',
  },
  {
    pattern:
      /UnknownIssuer|self[- ]signed|unable to (?:verify|get)|CERT_|certificate.*(?:not valid|altnames)|NotValidForName|BadSignature/i,
    path: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    message: 'the certificate of the server is not trusted',
    hint: 'name its authority with TEMPORAL_TLS_SERVER_CA_CERT_PATH, and with TEMPORAL_TLS_SERVER_NAME the name that it is made out for',
  },
  {
    pattern:
      /CertificateRequired|certificate[_ ]required|bad certificate|HandshakeFailure|alert number (?:40|42|116)|ERR_SSL_TLSV\d+_ALERT/i,
    path: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
    message: 'the server asks for a client certificate, or refuses this one',
    hint: 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH name it',
  },
] as const;

function wordsOf(error: unknown): string {
  const words: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) {
    const { details } = e as { details?: unknown };
    words.push(e.message, ...(typeof details === 'string' ? [details] : []));
  }
  return words.join('; ');
}

const shown = (said: string) => (said ? `: ${said.slice(0, 300)}` : '');
