import { join, resolve } from 'node:path';

/** State of the embedded services, logs and caches: `TEMPER_HOME`, else `.temper` in the folder one stands in. */
export const homeFolder = (): string => resolve(process.env.TEMPER_HOME ?? '.temper');

export const logFolder = (): string => join(homeFolder(), 'logs');
