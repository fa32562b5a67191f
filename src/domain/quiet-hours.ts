/** A window of every day in local time, such as the hours in which nobody wants to be disturbed. */
import { addDays, calendarOf } from "./calendar.ts";

/** HH:MM each; `from` may lie after `to`, over midnight. */
export interface DailyWindow {
  from: string;
  to: string;
}

/** When the window that `moment` lies in ends; null outside it. */
export function windowEnd(timezone: string, moment: Date, { from, to }: DailyWindow): Date | null {
  const { time } = calendarOf(timezone).localOf(moment);
  const isInside = from < to ? time >= from && time < to : time >= from || time < to;
  return isInside ? nextAt(timezone, moment, to) : null;
}

/** The first moment after `moment` at which local clocks show this time. */
export function nextAt(timezone: string, moment: Date, time: string): Date {
  const calendar = calendarOf(timezone);
  const today = calendar.localOf(moment).date;
  const first = calendar.momentOf({ date: today, time });
  return first > moment ? first : calendar.momentOf({ date: addDays(today, 1), time });
}
