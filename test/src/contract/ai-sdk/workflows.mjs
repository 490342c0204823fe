// A workflow of the host's own that asks a model through the AI SDK.
import { temporalProvider } from '@temporalio/ai-sdk/workflow';
import { generateText } from 'ai';

export async function asks(prompt) {
  const { text } = await generateText({ model: temporalProvider.languageModel('fake-1'), prompt });
  return text;
}
