/** Three small plots per objective, as SVG: geometry only, colours come from the page's classes. */
import { DAY_MS } from "../domain/calendar.ts";
import type { DayPoint, ObjectiveReport } from "../domain/service-level-report.ts";
import { burnWords, shareWords } from "../domain/service-level-words.ts";

const WIDTH = 320;
const HEIGHT = 132;
const LEFT = 54;
const RIGHT = 6;
const TOP = 12;
const BOTTOM = 22;

interface Scale {
  low: number;
  high: number;
}

/** null = nothing known about that day. */
type Values = readonly (number | null)[];

interface Mark {
  value: number;
  label: string;
  /** A line that means something is drawn stronger. */
  isLimit?: boolean;
}

interface Plot {
  title: string;
  /** For those who do not see it. */
  description: string;
  days: readonly DayPoint[];
  marks: Mark[];
  scale: Scale;
  drawing: string;
  isEmpty: boolean;
}

export function attainmentPlot({ objective, days }: ObjectiveReport): string {
  const values = days.map((day) => day.attainment);
  const known = values.filter((value) => value !== null);
  const lowest = Math.min(objective.target, ...known);
  const scale = { low: Math.max(0, lowest - (1 - lowest) * 0.3), high: 1 };
  return draw({
    title: "Attained per day",
    description: `Attained per day: ${rangeWords(known, shareWords)}; target ${shareWords(objective.target)}.`,
    days,
    scale,
    marks: [
      { value: 1, label: "100 %" },
      { value: objective.target, label: shareWords(objective.target), isLimit: true },
      ...(lowest < objective.target ? [{ value: lowest, label: shareWords(lowest) }] : []),
    ],
    drawing: line(values, scale),
    isEmpty: known.length === 0,
  });
}

/** A day in which everything failed would flatten all others. */
const BURN_SHOWN = 16;

export function burnPlot({ days }: ObjectiveReport): string {
  const values = days.map((day) => day.burn);
  const known = values.filter((value) => value !== null);
  const highest = Math.max(2, ...known);
  const scale = { low: 0, high: Math.min(BURN_SHOWN, highest) };
  const top = highest > BURN_SHOWN ? `${BURN_SHOWN}+` : burnWords(highest);
  return draw({
    title: "Burn, over three days each",
    description: `Burn over three days each: ${rangeWords(known, burnWords)}. Above 1 the budget does not last.`,
    days,
    scale,
    marks: [
      { value: 0, label: "0" },
      { value: 1, label: "1", isLimit: true },
      { value: scale.high, label: top },
    ],
    drawing: bars(values, scale),
    isEmpty: known.length === 0,
  });
}

export function budgetPlot({ days }: ObjectiveReport): string {
  const values = days.map((day) => (day.budgetLeft === null ? null : Math.max(-1, day.budgetLeft)));
  const known = values.filter((value) => value !== null);
  const lowest = Math.min(0, ...known);
  const scale = { low: lowest, high: 1 };
  const words = (value: number) => `${Math.round(value * 100)} %`;
  return draw({
    title: "Error budget left",
    description: `Error budget left, burned down over the window: ${known.length === 0 ? "no data" : `${words(known.at(-1) ?? 0)} at the end`}.`,
    days,
    scale,
    marks: [
      { value: 1, label: "100 %" },
      { value: 0, label: "0 %", isLimit: true },
      ...(lowest < -0.2 ? [{ value: lowest, label: lowest === -1 ? "≤ −100 %" : words(lowest) }] : []),
    ],
    drawing: line(values, scale),
    isEmpty: known.length === 0,
  });
}

function rangeWords(known: readonly number[], words: (value: number) => string): string {
  if (known.length === 0) return "no data";
  return `from ${words(Math.min(...known))} to ${words(Math.max(...known))}`;
}

function draw({ title, description, days, marks, scale, drawing, isEmpty }: Plot): string {
  const grid = marks.map((mark) => {
    const at = y(mark.value, scale);
    const isLimit = mark.isLimit ?? false;
    // The line that means something keeps its label when another one is too near.
    const isCrowded =
      !isLimit && marks.some((other) => other.isLimit && Math.abs(y(other.value, scale) - at) < 11);
    const label = isCrowded
      ? ""
      : `<text class="mark" x="${LEFT - 5}" y="${at + 4}" text-anchor="end">${mark.label}</text>`;
    return `<line class="${isLimit ? "limit" : "grid"}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>${label}`;
  });
  const dates =
    `<text class="mark" x="${LEFT}" y="${HEIGHT - 5}">${dayWords(days.at(0)?.from)}</text>` +
    `<text class="mark" x="${WIDTH - RIGHT}" y="${HEIGHT - 5}" text-anchor="end">${dayWords(endOf(days.at(-1)))}</text>`;
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  const content = isEmpty
    ? `<text class="empty" x="${middle}" y="${HEIGHT / 2}" text-anchor="middle">no data</text>`
    : grid.join("") + drawing;
  return (
    `<figure><figcaption>${title}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">${content}${dates}</svg></figure>`
  );
}

/** The last day of a plot ends now: it is called by its end, so that today's point does not seem to be yesterday's. */
function endOf(day: DayPoint | undefined): string | undefined {
  return day === undefined ? undefined : new Date(Date.parse(day.from) + DAY_MS).toISOString();
}

/** "Feb 3". */
function dayWords(moment: string | undefined): string {
  if (moment === undefined) return "";
  return new Date(moment).toLocaleDateString("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
}

function y(value: number, { low, high }: Scale): number {
  return round(TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM));
}

function x(index: number, count: number): number {
  const step = (WIDTH - LEFT - RIGHT) / count;
  return round(LEFT + step * (index + 0.5));
}

/** Broken where nothing is known; a day between two such is a dot. */
function line(values: Values, scale: Scale): string {
  const parts: string[] = [];
  let path = "";
  values.forEach((value, index) => {
    if (value === null) {
      path = "";
      return;
    }
    const point = `${x(index, values.length)} ${y(value, scale)}`;
    const isAlone = path === "" && (values[index + 1] ?? null) === null;
    if (isAlone)
      parts.push(`<circle class="dot" cx="${x(index, values.length)}" cy="${y(value, scale)}" r="2.5"/>`);
    else if (path === "") path = `M${point}`;
    else {
      path += `L${point}`;
      if ((values[index + 1] ?? null) === null) parts.push(`<path class="line" d="${path}"/>`);
    }
  });
  return parts.join("");
}

function bars(values: Values, scale: Scale): string {
  const width = round(((WIDTH - LEFT - RIGHT) / values.length) * 0.7);
  const floor = y(0, scale);
  return values
    .map((value, index) => {
      if (value === null || value === 0) return "";
      const top = y(Math.min(value, scale.high), scale);
      const left = round(x(index, values.length) - width / 2);
      return `<rect class="${value > 1 ? "bar over" : "bar"}" x="${left}" y="${top}" width="${width}" height="${round(Math.max(1, floor - top))}"/>`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
