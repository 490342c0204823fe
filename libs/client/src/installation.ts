import { DEFAULT_QUEUE_PREFIX, type Orchestration, type Queues } from '@temper/contracts';

/** In a visibility query: of this installation alone, where several share the namespace. */
export const onQueue = ({ workflow }: Queues): string => `TaskQueue = '${workflow}'`;

/** What a workflow is told of its installation; nothing where that is the default one. */
export const orchestrationOf = ({ prefix }: Queues): { readonly orchestration?: Orchestration } =>
  prefix === DEFAULT_QUEUE_PREFIX ? {} : { orchestration: { queuePrefix: prefix } };
