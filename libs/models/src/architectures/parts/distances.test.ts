import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goldenFolder } from '../../testing.js';
import { relativeBucket } from '../mpnet.js';
import { logBucket } from './disentangled.js';

/** Buckets of the distances −600 … 600 (goldens/make_encoders.py). */
const golden = JSON.parse(readFileSync(goldenFolder('encoders/buckets.json'), 'utf8')) as {
  mpnet: number[];
  deberta: [buckets: number, maxDistance: number, found: number[]][];
};
const distances = Array.from({ length: 1201 }, (_, i) => i - 600);

describe('buckets of distances are transformers’', () => {
  it('of MPNet', () => {
    expect(distances.map(relativeBucket)).toEqual(golden.mpnet);
  });

  it.each(golden.deberta)('of DeBERTa, %i up to %i', (buckets, maxDistance, found) => {
    // −0 is no other bucket than 0.
    expect(distances.map((distance) => logBucket(distance, buckets, maxDistance) + 0)).toEqual(found);
  });
});
