import { randomBytes } from 'node:crypto';
import { createS3Store, type S3Store } from '@temper/s3';
import { expect, it } from 'vitest';
import { flippingProxy } from './flipping-proxy.js';

/** That a server looks at the sums which the adapter sends: what changed on the way is refused, and nothing is stored. */
export function refusesChangedBytes(
  open: () => { readonly store: S3Store; readonly env: Readonly<Record<string, string>> },
) {
  it('refuses what has changed on its way, whole or in parts', async () => {
    const { store, env } = open();
    await using proxy = await flippingProxy(env['S3_ENDPOINT']!);
    const through = createS3Store({ ...env, S3_ENDPOINT: proxy.endpoint });
    const content = randomBytes(9 * 2 ** 20);
    for (const [key, body] of [
      ['changed/small', content.subarray(0, 1000)],
      [
        'changed/large',
        {
          size: content.length,
          open: async function* () {
            yield content;
          },
        },
      ],
    ] as const) {
      const error: unknown = await through.put(key, body).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'TemperError' });
      expect(await store.head(key)).toBeUndefined();
    }
    expect(proxy.changed()).toBeGreaterThan(1);
    through.close();
  });
}
