import type { Range, ScheduleSpecDescription } from '@temporalio/client';
import { durationText } from './duration.js';

type Calendar = NonNullable<ScheduleSpecDescription['calendars']>[number];

/** The times in the words that they were given in: `cron 0 3 * * Mon-Fri; every 1h from 15m`. */
export function timesOf({ calendars = [], intervals = [] }: ScheduleSpecDescription): string {
  const words = [
    ...calendars.map((calendar) => calendar.comment || calendarWords(calendar)),
    ...intervals.map(
      ({ every, offset }) => `every ${durationText(every)}${offset ? ` from ${durationText(offset)}` : ''}`,
    ),
  ];
  // One cron expression may become several calendars.
  return [...new Set(words)].join('; ') || 'never';
}

const order = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'year', 'dayOfWeek'] as const;
const everything: Readonly<Partial<Record<(typeof order)[number], string>>> = {
  second: '0',
  dayOfMonth: '1-31',
  month: 'JANUARY-DECEMBER',
  year: '',
  dayOfWeek: 'SUNDAY-SATURDAY',
};

/** Of a schedule that was made elsewhere and carries no words. */
function calendarWords(calendar: Calendar): string {
  const parts = order.flatMap((name) => {
    const text = (calendar[name] as Range<number | string>[]).map(rangeWords).join(',');
    return text === everything[name] ? [] : [`${name}=${text}`];
  });
  return `calendar ${parts.join(' ')}`;
}

const rangeWords = ({ start, end, step }: Range<number | string>) =>
  `${start}${end === start ? '' : `-${end}`}${step > 1 ? `/${step}` : ''}`;
