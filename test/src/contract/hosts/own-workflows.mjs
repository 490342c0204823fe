// Workflows of the host's own.
export async function theirs() {
  return 'still theirs';
}
