/** The hours in which people may be reminded, in local time, on the days the clocks change too. */
import { addDays, calendarOf, weekdayOf } from "./calendar.ts";

export interface WorkingHours {
  /** 0 is Sunday. */
  days: readonly number[];
  /** HH:MM; `to` lies after `from` and may be 24:00. */
  from: string;
  to: string;
}

export interface Workplace {
  timezone: string;
  /** null = at any time. */
  hours: WorkingHours | null;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** "Mon-Fri 09:00-18:00", "Sun,Tue-Thu 8:30-17:00"; null when it cannot be read. */
export function readWorkingHours(text: string): WorkingHours | null {
  const match = /^([a-z,\s–-]+?)\s+(\d\d?:\d\d)\s*[-–]\s*(\d\d?:\d\d)$/i.exec(text.trim());
  if (!match) return null;
  const days = readDays(match[1] ?? "");
  const [from = "", to = ""] = [match[2], match[3]].map((time) => time?.padStart(5, "0"));
  const isTime = (time: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
  if (days === null || !isTime(from) || !(isTime(to) || to === "24:00") || from >= to) return null;
  return { days, from, to };
}

function readDays(text: string): number[] | null {
  const days = new Set<number>();
  for (const part of text.toLowerCase().replace(/\s+/g, "").split(",")) {
    const [first = "", last = first, ...more] = part.split(/[-–]/);
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (from < 0 || to < 0 || more.length > 0) return null;
    // Fri-Mon goes over the weekend.
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

export function isWorkTime({ timezone, hours }: Workplace, moment: Date): boolean {
  if (hours === null) return true;
  const { date, time } = calendarOf(timezone).localOf(moment);
  return hours.days.includes(weekdayOf(date)) && time >= hours.from && time < hours.to;
}

/** The moment itself when it is work time, else when work begins next. */
export function nextWorkTime(place: Workplace, moment: Date): Date {
  const { timezone, hours } = place;
  if (hours === null || isWorkTime(place, moment)) return moment;
  const calendar = calendarOf(timezone);
  let { date } = calendar.localOf(moment);
  for (;;) {
    const opening = calendar.momentOf({ date, time: hours.from });
    // Where the clocks skip the whole of a short day, that day has no work time.
    if (opening > moment && isWorkTime(place, opening)) return opening;
    date = addDays(date, 1);
  }
}
