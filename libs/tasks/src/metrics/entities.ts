/** Neighbouring tokens of one type: [start, end], both inclusive. */
interface Chunk {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** A tag's place in its chunk (B, I, E, S, O …) and its type. */
export interface Tag {
  readonly place: string;
  readonly type: string;
}

const outside: Tag = { place: 'O', type: '_' };

/**
 * Tags by class number. Names of a chunk scheme (`B-PER`, `I-PER`, `O`) are read as seqeval reads them: the first character, and
 * what follows the first hyphen. Other names (parts of speech) are types themselves, and of mere numbers 0 is outside.
 */
export function tagsOf(labelNames: readonly string[]): Tag[] {
  if (labelNames.some((name) => /^[BIESLU]-|^O$/.test(name))) return labelNames.map(schemeTag);
  const numbers = labelNames.every((name) => /^\d+$/.test(name));
  return labelNames.map((type) => (numbers && Number(type) === 0 ? outside : { place: 'I', type }));
}

function schemeTag(name: string): Tag {
  const [place = ''] = name;
  const rest = name.slice(place.length);
  return { place, type: rest.slice(rest.indexOf('-') + 1) || '_' };
}

/** The chunks of one sequence, as `seqeval.metrics.sequence_labeling.get_entities` has them (its default, lenient mode). */
export function chunksOf(tags: readonly Tag[]): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let before: Tag = { place: 'O', type: '' };
  [...tags, outside].forEach((tag, at) => {
    if (ends(before, tag)) chunks.push({ type: before.type, start, end: at - 1 });
    if (begins(before, tag)) start = at;
    before = tag;
  });
  return chunks;
}

const isNone = (place: string) => place === 'O' || place === '.';

function ends(before: Tag, tag: Tag): boolean {
  if ('ES'.includes(before.place)) return true;
  if ('BI'.includes(before.place) && 'BSO'.includes(tag.place)) return true;
  return !isNone(before.place) && before.type !== tag.type;
}

function begins(before: Tag, tag: Tag): boolean {
  if ('BS'.includes(tag.place)) return true;
  if ('ESO'.includes(before.place) && 'EI'.includes(tag.place)) return true;
  return !isNone(tag.place) && before.type !== tag.type;
}
