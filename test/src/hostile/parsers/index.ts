import type { Parser } from '../parser.js';
import { config } from './config.js';
import { gguf } from './gguf.js';
import { onnx } from './onnx.js';
import { csv, json, parquet } from './rows.js';
import { safetensors } from './safetensors.js';
import { sources } from './sources.js';
import { spec } from './spec.js';
import { template } from './template.js';
import { tokenizer } from './tokenizer.js';

/** All that reads what comes from outside. */
export const parsers: readonly Parser[] = [
  safetensors,
  gguf,
  onnx,
  config,
  tokenizer,
  template,
  csv,
  json,
  parquet,
  spec,
  sources,
];
