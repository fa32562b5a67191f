/** Local dates and times of a time zone, on the days the clocks change too. Dates are YYYY-MM-DD, times HH:MM. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export interface LocalMoment {
  date: string;
  time: string;
}

export interface Calendar {
  localOf(moment: Date): LocalMoment;
  /** A time the clocks skip means as long after the gap, one they repeat means the first of the two. */
  momentOf(local: LocalMoment): Date;
}

/** Formats are expensive to make, and a bot knows few zones. */
const calendars = new Map<string, Calendar>();

/** Throws RangeError for a zone that does not exist. */
export function calendarOf(timezone: string): Calendar {
  const calendar = calendars.get(timezone) ?? createCalendar(timezone);
  calendars.set(timezone, calendar);
  return calendar;
}

function createCalendar(timezone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const localOf = (moment: Date): LocalMoment => {
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    return {
      date: `${part["year"]}-${part["month"]}-${part["day"]}`,
      time: `${part["hour"]}:${part["minute"]}`,
    };
  };
  /** Local minus UTC; whole minutes in every zone of today. */
  const offsetAt = (ms: number) => {
    const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    return asIfUtc(localOf(new Date(minute))) - minute;
  };
  return {
    localOf,
    momentOf(local) {
      const wanted = asIfUtc(local);
      // A day to either side lies before and after any change of the clocks near it.
      const before = wanted - offsetAt(wanted - DAY_MS);
      const after = wanted - offsetAt(wanted + DAY_MS);
      const shows = (ms: number) => asIfUtc(localOf(new Date(ms))) === wanted;
      const exact = [before, after].filter(shows).sort((a, b) => a - b)[0];
      return new Date(exact ?? before);
    },
  };
}

function asIfUtc({ date, time }: LocalMoment): number {
  return Date.parse(`${date}T${time}:00Z`);
}

/** The day it is there: from midnight, up to but not including the next. ISO 8601, UTC. */
export function localDay(now: Date, timezone: string): { since: string; until: string } {
  const { localOf, momentOf } = calendarOf(timezone);
  const { date } = localOf(now);
  const midnight = (day: string) => momentOf({ date: day, time: "00:00" }).toISOString();
  return { since: midnight(date), until: midnight(addDays(date, 1)) };
}

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}
