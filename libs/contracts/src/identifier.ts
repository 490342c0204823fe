import { z } from 'zod';

/** Names of pipelines, models and aliases. */
export const specNamePattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;
export const identifier = z.string().regex(specNamePattern, 'letters, digits, ".", "_" and "-", at most 63');
