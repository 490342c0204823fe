const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };
const part = /(\d+(?:\.\d+)?)\s*(w|d|h|m|s)(?:eeks?|ays?|ours?|in(?:utes?)?|ec(?:onds?)?)?\s*/y;

/** `90s`, `30m`, `1.5h`, `1h30m`, `2 weeks` → milliseconds; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  let total = 0;
  part.lastIndex = 0;
  for (let at = 0; at < trimmed.length; at = part.lastIndex) {
    const match = part.exec(trimmed);
    if (!match) return undefined;
    total += Number(match[1]) * units[match[2]!]!;
  }
  return trimmed === '' ? undefined : total;
}

/** `1h 30m`, as it can be given again. */
export function durationText(milliseconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(milliseconds / 1000);
  for (const [unit, size] of Object.entries(units).toReversed()) {
    const count = unit === 'w' && rest % (size / 1000) ? 0 : Math.floor(rest / (size / 1000));
    if (count) parts.push(`${count}${unit}`);
    rest -= count * (size / 1000);
  }
  return parts.join(' ') || '0s';
}

export const durationForm = 'a number and s, m, h, d or w, e.g. 30m or 1h30m';
