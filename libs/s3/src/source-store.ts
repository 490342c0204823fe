import { loadConfig } from '@smithy/core/config';
import type { ObjectStore } from '@temper/storage';
import { s3ConfigFrom, type S3Config } from './config.js';
import type { OnRequest } from './observe.js';
import { S3Store } from './s3-store.js';

/**
 * The bucket of an `s3://` source, as the AWS command line and the SDKs find it: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
 * AWS_REGION, AWS_DEFAULT_REGION, AWS_CA_BUNDLE, AWS_PROFILE and the profile's own `endpoint_url`, `services`, `region` and `ca_bundle`; keys by the
 * SDK's chain. Nothing of Temper's own store is used.
 */
export const createSourceStore = (
  bucket: string,
  { onRequest, credential }: SourceStoreOptions = {},
): S3Store => {
  const config = async () => ({ ...(await sourceConfig(bucket)), ...(credential ? named(credential) : {}) });
  return new S3Store({ bucket, onRequest }, { config, role: 'source' });
};

export interface SourceStoreOptions {
  readonly onRequest?: OnRequest | undefined;
  /** Name of the keys, as a spec says it. */
  readonly credential?: string | undefined;
}

/** `TEMPER_CREDENTIAL_NAME_…`: …ACCESS_KEY_ID, …SECRET_ACCESS_KEY, …SESSION_TOKEN or …PROFILE; …ENDPOINT, …REGION, …CA_FILE. */
function named(credential: string): Partial<S3Config> {
  const of = (part: string) => process.env[`TEMPER_CREDENTIAL_${credential}_${part}`];
  const all = {
    S3_ENDPOINT: of('ENDPOINT'),
    S3_ACCESS_KEY_ID: of('ACCESS_KEY_ID'),
    S3_SECRET_ACCESS_KEY: of('SECRET_ACCESS_KEY'),
    S3_SESSION_TOKEN: of('SESSION_TOKEN'),
    S3_PROFILE: of('PROFILE'),
    S3_CA_FILE: of('CA_FILE'),
  };
  const { bucket: _, region, ...found } = s3ConfigFrom({ ...all, S3_REGION: of('REGION') });
  return { ...found, ...(of('REGION') ? { region } : {}) };
}

/** The store of each bucket that a source may name: Temper's own for its own bucket, AWS's variables for all others. */
export function bucketsOf(
  own: ObjectStore,
  options: { readonly onRequest?: OnRequest | undefined } = {},
): (bucket: string, credential?: string) => ObjectStore {
  const opened = new Map<string, ObjectStore>([[own.bucket, own]]);
  return (bucket, credential) => {
    const key = credential ? `${credential} ${bucket}` : bucket;
    const store = opened.get(key) ?? createSourceStore(bucket, { ...options, credential });
    opened.set(key, store);
    return store;
  };
}

async function sourceConfig(bucket: string): Promise<S3Config> {
  const region = await setting('AWS_REGION', (profile) => profile['region'], ['AWS_DEFAULT_REGION']);
  const ignored = await setting(
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    (p) => p['ignore_configured_endpoint_urls'],
  );
  const endpoint =
    ignored?.toLowerCase() === 'true'
      ? undefined
      : await setting('AWS_ENDPOINT_URL_S3', endpointIn, ['AWS_ENDPOINT_URL']);
  const caFile = await setting('AWS_CA_BUNDLE', (profile) => profile['ca_bundle']);
  return {
    bucket,
    region: region ?? 'us-east-1',
    ...(endpoint ? { endpoint } : {}),
    ...(caFile ? { caFile } : {}),
  };
}

type Profile = Readonly<Record<string, string | undefined>>;

/** The environment goes first, then the profile. */
const setting = (
  variable: string,
  inProfile: (profile: Profile, file: Readonly<Record<string, Profile>>) => string | undefined,
  others: readonly string[] = [],
): Promise<string | undefined> =>
  loadConfig<string | undefined>({
    environmentVariableSelector: (env) => [variable, ...others].map((name) => env[name]).find(Boolean),
    configFileSelector: (profile, file) => inProfile(profile, file ?? {}),
    default: undefined,
  })();

/** `endpoint_url` of the profile, or that of S3 alone in the `[services NAME]` that it names. */
const endpointIn = (profile: Profile, file: Readonly<Record<string, Profile>>): string | undefined =>
  (profile['services'] && file[`services.${profile['services']}`]?.['s3.endpoint_url']) ||
  profile['endpoint_url'];
