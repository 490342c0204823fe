export { dataConverterFrom, encryptingDataConverter } from './data-converter.js';
export { EncryptionCodec } from './encryption-codec.js';
export { Keyring, keyringFrom, type EncryptionKey, type Environment } from './keyring.js';
