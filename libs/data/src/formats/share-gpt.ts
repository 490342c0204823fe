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
 * Messages `{from, value}` as `{role, content}`; a list of anything else stays as it is. Who speaks under another name
 * keeps it, for whoever reads the roles to refuse.
 */
export function fromShareGpt(messages: readonly unknown[]): readonly unknown[] {
  if (!messages.length || !messages.every(isShareGpt)) return messages;
  return messages.map(({ from, value, ...others }) => ({
    role: roles[from] ?? from,
    content: value,
    ...others,
  }));
}

const isShareGpt = (message: unknown): message is { from: string; value: unknown } => {
  if (typeof message !== 'object' || message === null || 'role' in message) return false;
  return typeof (message as { from?: unknown }).from === 'string' && 'value' in message;
};
