import { readFile } from 'node:fs/promises';

/** Where a dev server says what it was asked: the port of its command line. */
export async function metricsAddress(pid: number): Promise<string> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  return `http://127.0.0.1:${args[args.indexOf('--metrics-port') + 1]}/metrics`;
}

/** Requests so far, by the name of the call of its frontend. */
export async function requestsOf(address: string): Promise<Map<string, number>> {
  const text = await (await fetch(address)).text();
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^service_requests\{(.*)\} ([\d.e+]+)$/.exec(line);
    if (!match || !/service_name="frontend"/.test(match[1]!)) continue;
    const operation = /operation="([^"]+)"/.exec(match[1]!)?.[1];
    if (operation) counts.set(operation, (counts.get(operation) ?? 0) + Number(match[2]));
  }
  return counts;
}
