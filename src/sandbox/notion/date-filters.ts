/** Conditions on dates and times. A day in the filter compares days (UTC); a time compares moments. */
import { asIsoDate } from "./property-requests.ts";
import { refuse } from "./shape.ts";

const DAY_MS = 86_400_000;

const TESTS: Record<string, (order: number) => boolean> = {
  equals: (order) => order === 0,
  before: (order) => order < 0,
  after: (order) => order > 0,
  on_or_before: (order) => order <= 0,
  on_or_after: (order) => order >= 0,
};

/** Days from today, first and last day counted. */
const RANGES: Record<string, [number, number]> = {
  past_week: [-7, 0],
  past_month: [-30, 0],
  past_year: [-365, 0],
  next_week: [0, 7],
  next_month: [0, 30],
  next_year: [0, 365],
};

const RELATIVE_DAYS: Record<string, number> = {
  today: 0,
  tomorrow: 1,
  yesterday: -1,
  one_week_ago: -7,
  one_week_from_now: 7,
  one_month_ago: -30,
  one_month_from_now: 30,
};

export interface DateCondition {
  operator: string;
  value: unknown;
  path: string;
  now: number;
}

export function matchDate(condition: DateCondition): (date: string) => boolean {
  const { operator, value, path, now } = condition;
  const day = (offset: number) => new Date(now + offset * DAY_MS).toISOString().slice(0, 10);
  const range = operator === "this_week" ? thisWeek(now) : RANGES[operator];
  if (range) {
    const [from, to] = [day(range[0]), day(range[1])];
    return (date) => date.slice(0, 10) >= from && date.slice(0, 10) <= to;
  }
  const test = TESTS[operator];
  if (!test) return refuse(path, "be not present", value);
  const relative = typeof value === "string" ? RELATIVE_DAYS[value] : undefined;
  const wanted = relative === undefined ? checkedDate(value, path) : day(relative);
  return (date) => test(compare(date, wanted));
}

/** Seconds of the filter count, although the dates it is compared with have none. */
function checkedDate(value: unknown, path: string): string {
  asIsoDate(value, path);
  return String(value);
}

function thisWeek(now: number): [number, number] {
  const weekday = new Date(now).getUTCDay();
  return [-weekday, 6 - weekday];
}

function compare(date: string, wanted: string): number {
  if (!wanted.includes("T")) return date.slice(0, 10).localeCompare(wanted);
  return Date.parse(date) - Date.parse(wanted);
}
