import { createRequire } from 'node:module';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.js';
import { keyringFrom, type Environment, type Keyring } from './keyring.js';

/**
 * For the `dataConverter` of clients, workers and `bundleWorkflowCode`: what Temporal stores is encrypted, the messages and
 * stacks of failures included. Of a host that has a converter of its own: `{...theirs, payloadCodecs: [...codecs, new
 * EncryptionCodec(keys)]}`, with a failure converter that encodes common attributes.
 */
export function encryptingDataConverter(keys: Keyring): DataConverter {
  return { failureConverterPath: failureConverterPath(), payloadCodecs: [new EncryptionCodec(keys)] };
}

/**
 * That of the keys in the environment. Without a key nothing is encrypted, and a payload that is says which key it needs,
 * where the SDK would know but an unknown encoding.
 */
export function dataConverterFrom(env: Environment): DataConverter {
  const keys = keyringFrom(env);
  return keys.current ? encryptingDataConverter(keys) : { payloadCodecs: [new EncryptionCodec(keys)] };
}

/** The SDK and webpack load it: they cannot read TypeScript, so that from the sources the built file is meant. */
const failureConverterPath = (): string =>
  createRequire(import.meta.url)
    .resolve('@temper/codec/failure-converter')
    .replace(/\/src\/failure-converter\.ts$/, '/dist/failure-converter.js');
