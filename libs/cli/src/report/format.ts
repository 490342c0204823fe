/** `0.4 s`, `12 s`, `3 m 05 s`, `2 h 10 m`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} m`;
}

export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return iso.slice(0, 10);
}

/** A metric to four significant places; `–` where there is none. */
export function metric(value: unknown): string {
  if (typeof value !== 'number') return '–';
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) < 10 ? value.toFixed(4) : value.toPrecision(5);
}

export const count = (value: number) => Math.round(value).toLocaleString('en-US');
