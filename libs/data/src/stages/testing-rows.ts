/** Rows for tests: each one's text is its place, in nine words that are its binary digits; some go on behind them. */
export const numbered = (count: number, classes: readonly string[]) =>
  Array.from({ length: count }, (_, i) => {
    const digits = i.toString(2).padStart(9, '0').replaceAll('1', 'fruit ').replaceAll('0', 'pears ');
    return { text: i % 3 === 2 ? `${digits}fruit fruit pears` : digits, label: classes[i % classes.length]! };
  });

export function placeIn(text: string): number {
  const words = text.split(' ').slice(0, 9);
  return parseInt(words.map((word) => (word === 'fruit' ? '1' : '0')).join(''), 2);
}
