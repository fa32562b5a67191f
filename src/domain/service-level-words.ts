/** Service levels in words: the same in Slack, on the page and in alerts. Plain text. */
import type { Objective } from "./service-level.ts";
import type { ObjectiveReport, ObjectiveState } from "./service-level-report.ts";

const STATE_WORDS: Record<ObjectiveState, string> = {
  "no-data": "No data",
  ok: "OK",
  low: "Little budget left",
  burning: "Burning",
  broken: "Missed",
};

export function stateWords({ state, isThin }: Pick<ObjectiveReport, "state" | "isThin">): string {
  return state === "ok" && isThin ? "OK so far" : STATE_WORDS[state];
}

/** Cut off, never rounded up: 99.999 % is not 100 %. */
export function shareWords(share: number | null): string {
  if (share === null) return "no data";
  // The product of a decimal share is off by less than this.
  return `${Math.floor(share * 10_000 + 1e-6) / 100} %`;
}

export function countWords(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

const UNITS: Record<Objective["unit"], { one: string; more: string }> = {
  clicks: { one: "click or command", more: "clicks and commands" },
  items: { one: "item", more: "items" },
  decisions: { one: "decision", more: "decisions" },
  minutes: { one: "minute", more: "minutes" },
};

/** "1 decision", "3,204 clicks and commands". */
export function eventWords(count: number, unit: Objective["unit"]): string {
  return `${countWords(count)} ${count === 1 ? UNITS[unit].one : UNITS[unit].more}`;
}

/** "No clicks and commands" would leave one of them open. */
export function noEventWords(unit: Objective["unit"]): string {
  return `No ${UNITS[unit].more.replace(" and ", " or ")}`;
}

/** "0", "0.8", "14", "no data". */
export function burnWords(rate: number | null): string {
  if (rate === null) return "no data";
  if (rate === 0) return "0";
  return rate < 10 ? (Math.round(rate * 10) / 10).toFixed(1) : String(Math.round(rate));
}

/** "0.4 over 1 h, 1.2 over 6 h, no data over 3 d", "no data". */
export function burnsWords({ burn }: Pick<ObjectiveReport, "burn">): string {
  const { hour, sixHours, threeDays } = burn;
  if (hour === null && sixHours === null && threeDays === null) return "no data";
  return `${burnWords(hour)} over 1 h, ${burnWords(sixHours)} over 6 h, ${burnWords(threeDays)} over 3 d`;
}

/** "68 % left (1 of 3.2 used)", "100 % left (none used)", "used up (6 late, 3.2 allowed)". */
export function budgetWords({ budget, objective }: Pick<ObjectiveReport, "budget" | "objective">): string {
  if (budget.left === null) return "no data";
  const allowed = budget.allowed < 1 ? "less than 1" : countWords(budget.allowed);
  const failed = countWords(budget.failed);
  if (budget.left <= 0) return `used up (${failed} ${objective.missed}, ${allowed} allowed)`;
  if (budget.failed === 0) return "100 % left (none used)";
  return `${Math.floor(budget.left * 100 + 1e-6)} % left (${failed} of ${allowed} used)`;
}

/** How the last week was, against the one before; null when one of them has too few events. */
export function trendWords({ trend }: Pick<ObjectiveReport, "trend">): string | null {
  const { lately, before } = trend;
  if (lately === null || before === null) return null;
  const change = Math.round((lately - before) * 10_000) / 10_000;
  if (change === 0) return "Steady: as in the week before.";
  return `${change > 0 ? "Better" : "Worse"} than the week before: ${shareWords(lately)} after ${shareWords(before)}.`;
}

export function usedUpWords({ usedUpInDays }: Pick<ObjectiveReport, "usedUpInDays">): string | null {
  if (usedUpInDays === null) return null;
  const days = Math.max(1, Math.round(usedUpInDays));
  return `At the rate of the last three days the budget is used up in ${days === 1 ? "a day" : `${days} days`}.`;
}
