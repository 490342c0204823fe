/** Who speaks in ShareGPT's form, as chat templates call them. */
const roles: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  assistant: 'assistant',
  system: 'system',
  tool: 'tool',
  observation: 'tool',
};

/**
 * Messages `{from, value}` as `{role, content}`, each by itself, as some data sets have both; a message of anything else stays
 * as it is. Who speaks under another name keeps it, for whoever reads the roles to refuse.
 */
export function fromShareGpt(message: unknown): unknown {
  if (!isShareGpt(message)) return message;
  const { from, value, ...others } = message;
  return {
    role: Object.hasOwn(roles, from) ? roles[from] : from,
    ...(value === undefined ? {} : { content: value }),
    ...others,
  };
}

export const isShareGpt = (message: unknown): message is { from: string; value?: unknown } =>
  typeof message === 'object' &&
  message !== null &&
  !('role' in message) &&
  typeof (message as { from?: unknown }).from === 'string';
