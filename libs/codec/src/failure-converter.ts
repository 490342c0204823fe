import { DefaultFailureConverter } from '@temporalio/common';

/**
 * For `failureConverterPath`: messages and stacks of failures are kept where the codec encrypts them (`encodedAttributes`),
 * the history itself says `Encoded failure`. Workflow bundles have this module in them, so it may need nothing of Node.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
