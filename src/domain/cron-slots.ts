/**
 * When a cron expression falls due in a time zone, also while nobody was there to fire it. Five numeric fields, all of
 * which have to match (day of month and weekday too, as node-cron reads them). On the day the clocks go forward a skipped
 * time comes right after the gap; on the day they go back a repeated one comes once.
 */
import { addDays, calendarOf, DAY_MS, weekdayOf } from "./calendar.ts";

export interface Slot {
  /** Wall-clock time, e.g. 2026-11-20T08:00: the same on every replica, and never twice. */
  local: string;
  /** ISO 8601, UTC. */
  at: string;
}

interface Fields {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  daysOfMonth: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
}

/** How far back anybody wants to know. */
const MAX_DAYS = 15;

/** Those after `after`, up to and with `until`, oldest first; at most the last 15 days. */
export function slotsBetween(
  schedule: { cron: string; timezone: string },
  { after, until }: { after: Date; until: Date },
): Slot[] {
  const calendar = calendarOf(schedule.timezone);
  const fields = fieldsOf(schedule.cron);
  const times = timesOf(fields);
  const from = new Date(Math.max(after.getTime(), until.getTime() - MAX_DAYS * DAY_MS));
  const lastDate = addDays(calendar.localOf(until).date, 1);
  const slots = new Map<number, Slot>();
  for (let date = addDays(calendar.localOf(from).date, -1); date <= lastDate; date = addDays(date, 1)) {
    if (!fallsOn(fields, date)) continue;
    for (const time of times) {
      const moment = calendar.momentOf({ date, time });
      if (moment <= from || moment > until) continue;
      // Several times of one gap are the same moment.
      slots.set(moment.getTime(), { local: `${date}T${time}`, at: moment.toISOString() });
    }
  }
  return [...slots.values()].sort((a, b) => a.at.localeCompare(b.at));
}

function fallsOn({ daysOfMonth, months, weekdays }: Fields, date: string): boolean {
  const [month = 0, day = 0] = date.slice(5).split("-").map(Number);
  return months.has(month) && daysOfMonth.has(day) && weekdays.has(weekdayOf(date));
}

function timesOf({ hours, minutes }: Fields): string[] {
  const two = (n: number) => String(n).padStart(2, "0");
  return [...hours].flatMap((hour) => [...minutes].map((minute) => `${two(hour)}:${two(minute)}`)).sort();
}

function fieldsOf(cron: string): Fields {
  const [minutes = "", hours = "", daysOfMonth = "", months = "", weekdays = ""] = cron.split(/\s+/);
  return {
    minutes: numbersOf(minutes, 0, 59),
    hours: numbersOf(hours, 0, 23),
    daysOfMonth: numbersOf(daysOfMonth, 1, 31),
    months: numbersOf(months, 1, 12),
    // 7 is Sunday as well.
    weekdays: new Set([...numbersOf(weekdays, 0, 7)].map((day) => day % 7)),
  };
}

// A star, 5, 1-5, a star or range with /15, and lists of these. What they may hold was checked when the variable was read.
function numbersOf(field: string, min: number, max: number): Set<number> {
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", stepText] = part.split("/");
    const [from, to] = range === "*" ? [min, max] : range.split("-").map(Number);
    const first = from ?? min;
    // "5/15" starts at 5 and goes on to the end; "5" alone is 5.
    const last = to ?? (stepText === undefined ? first : max);
    for (let number = first; number <= last; number += Number(stepText ?? 1)) numbers.add(number);
  }
  return numbers;
}
