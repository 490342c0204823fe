import { source } from '@temper/contracts';
import { columnsSchema } from '@temper/tasks/schema';
import { z } from 'zod';
import { fraction, positiveInteger } from './numbers.js';

/** Of text files, by their names in the WHATWG Encoding Standard, which has no UTF-32. */
export const encodings = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15'],
  ...['windows-1250', 'windows-1251', 'windows-1253', 'windows-1254', 'windows-1255', 'windows-1256'],
  ...['windows-1257', 'windows-1258', 'koi8-r', 'macintosh', 'shift_jis', 'euc-jp', 'euc-kr', 'gbk'],
  ...['gb18030', 'big5', 'utf-32le', 'utf-32be'],
] as const;

/** One of several sources that are trained on together. */
const trainSource = z.strictObject({
  source: source('file | glob | s3://… | https://… | npm:PACKAGE'),
  weight: z
    .number()
    .gt(0)
    .max(100)
    .default(1)
    .describe(
      'how often each of its rows that are trained on is seen in an epoch: 2 = twice, 0.5 = half of them, drawn by split.seed',
    ),
  columns: columnsSchema.optional().describe('its own, of the same kind of rows; default `dataset.columns`'),
});

export const dataset = z.strictObject({
  train: z
    .union([source('one source'), z.array(trainSource).min(1).max(100)])
    .describe(
      'file | glob | s3://… | https://… | npm:PACKAGE; or several sources, each with its weight and columns',
    ),
  validation: source('like train; else taken from `split`').optional(),
  test: source('like train; else taken from `split`').optional(),
  columns: columnsSchema.optional(),
  encoding: z.enum(encodings).optional().describe('of text files without a byte order mark; default utf-8'),
  quote: z
    .enum(['double', 'none'])
    .optional()
    .describe(
      'of CSV and TSV: double, a field may be in double quotes; none, quotes are plain characters. Default double, but a TSV of which both can be meant is refused',
    ),
  split: z
    .strictObject({
      train: fraction.default(0.8).describe('share of the rows'),
      validation: fraction.default(0.1).describe('share of the rows'),
      test: fraction.default(0.1).describe('share of the rows'),
      seed: z.int().default(42).describe('of the shuffle before the split'),
      stratify: z.boolean().default(true).describe('keep the classes in proportion'),
    })
    .prefault({})
    .describe('Fractions for the splits that are not given as files'),
  clean: z
    .strictObject({
      dropEmpty: z.boolean().default(true).describe('rows without text, or without a label'),
      dedupe: z
        .enum(['none', 'exact', 'near'])
        .default('exact')
        .describe('equal rows are kept once; `near`: nearly equal ones too'),
      nearThreshold: z
        .number()
        .min(0.1)
        .max(1)
        .default(0.8)
        .describe('from this Jaccard similarity of their five-word shingles on, two texts are nearly equal'),
      dropConflictingLabels: z
        .boolean()
        .default(true)
        .describe(
          'equal texts with different labels are all dropped, and pairs whose chosen answer is the rejected one',
        ),
      minChars: z.int().min(0).default(1).describe('shorter texts are dropped'),
      maxChars: positiveInteger.optional().describe('longer texts are dropped'),
    })
    .prefault({})
    .describe('What is left out, and counted in the report, before splitting'),
  limit: positiveInteger.optional().describe('only the first rows of each source, to start small'),
});
