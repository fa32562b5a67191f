/** Budget and statistics for people. Pure. What nobody has measured is "no data". */
import type { BudgetFigures, SpendLine } from "../../domain/budget.ts";
import { durationWords } from "../../domain/duration.ts";
import { type Figures, MIN_FOR_MEDIAN, MIN_FOR_SHARE } from "../../domain/figures.ts";
import { inertLine } from "../limits.ts";
import { context, header, type Message, section } from "./blocks.ts";
import { dollars } from "./decision-parts.ts";
import { percent } from "./digest-card.ts";

const LINES_SHOWN = 10;

export function budgetMessage(figures: BudgetFigures): Message {
  const { today, month, capUsd, leftUsd, bySource, byKind } = figures;
  const left =
    leftUsd === null ? "No cap is set (`DAILY_BUDGET_USD`)." : `Left today: *${dollars(leftUsd)}*.`;
  const spentToday = amount(today, capUsd);
  return {
    text: `Claude today: ${spentToday}. ${left}`,
    blocks: [
      header("budget_title", "What Claude costs"),
      section(
        "budget_now",
        [
          `*Today*: ${spentToday}. ${left}`,
          `*This month*: ${amount(month)}. ${projection(figures)}`,
          waitingLine(figures),
        ].join("\n"),
      ),
      ...(bySource.length === 0
        ? []
        : [
            section("budget_source", spendLines("Who is asked", bySource)),
            section("budget_kind", spendLines("What for", byKind)),
            context("budget_legend", "Today / this month. Requests under way count with their estimate."),
          ]),
    ],
  };
}

function amount({ usd, calls }: { usd: number; calls: number }, capUsd: number | null = null): string {
  if (calls === 0) return "no data (Claude was not asked)";
  const cap = capUsd === null ? "" : ` of ${dollars(capUsd)}`;
  return `${dollars(usd)}${cap} in ${calls === 1 ? "1 call" : `${calls} calls`}`;
}

function projection({ projectedUsd }: BudgetFigures): string {
  return projectedUsd === null
    ? "Whole month: no data yet (needs three whole days)."
    : `Whole month at the pace of the last days: about ${dollars(projectedUsd)}.`;
}

function waitingLine({ isReached, waiting }: BudgetFigures): string {
  if (!isReached) return "Nothing waits for money.";
  const what =
    waiting === null
      ? "How many items wait: no data"
      : waiting === 1
        ? "1 item waits in the inbox"
        : `${waiting} items wait in the inbox`;
  return `The budget is reached. ${what}; new analyses begin tomorrow, or when \`DAILY_BUDGET_USD\` is raised. Decisions can still be made.`;
}

function spendLines(title: string, lines: SpendLine[]): string {
  const shown = lines
    .slice(0, LINES_SHOWN)
    .map((line) => `• ${inertLine(line.name, 60)}: ${dollars(line.todayUsd)} / ${dollars(line.monthUsd)}`);
  const rest = lines.slice(LINES_SHOWN);
  const more = rest.reduce((sum, line) => sum + line.monthUsd, 0);
  return [
    `*${title}*`,
    ...shown,
    ...(rest.length > 0 ? [`… and ${rest.length} more: ${dollars(more)} this month`] : []),
  ].join("\n");
}

export function statsMessage(spans: Figures[]): Message {
  const each = (cell: (figures: Figures) => string | number) => spans.map(cell).join(" / ");
  const days = each((figures) => `${figures.days} days`);
  const pending = spans[0]?.pendingNow ?? 0;
  const open = pending === 1 ? "1 decision is open now." : `${pending} decisions are open now.`;
  const decisions = [
    `• Approved: ${each(({ verdicts }) => verdicts.approved)}`,
    `• Approved with changes: ${each(({ verdicts }) => verdicts.edited)}`,
    `• Rejected: ${each(({ verdicts }) => verdicts.rejected)}`,
    `• Expired: ${each(({ verdicts }) => verdicts.expired)}`,
    `• Withdrawn: ${each(({ verdicts }) => verdicts.withdrawn)}`,
    `• Replaced by a newer version: ${each(({ superseded }) => superseded)}`,
    `• Time to decide, median: ${each(({ medianMs }) => (medianMs === null ? NO_DATA : spanWords(medianMs)))}`,
    `• Plans kept as proposed: ${each(({ plans }) => (plans.mean === null ? NO_DATA : percent(plans.mean)))}`,
  ];
  const work = [
    `• Analysed for a decision: ${each(({ analyses }) => analyses.decisions)}`,
    `• Made a task at once: ${each(({ analyses }) => analyses.tasks)}`,
    `• Filed as reference: ${each(({ analyses }) => analyses.notes)}`,
    `• Given up after all attempts: ${each(({ givenUp }) => givenUp)}`,
  ];
  const advisers = adviserLines(spans);
  return {
    text: `Statistics (${days}). ${open}`,
    blocks: [
      header("stats_title", `Statistics: ${days}`),
      section("stats_decisions", ["*Decisions*", ...decisions].join("\n")),
      section("stats_work", ["*Inbox*", ...work].join("\n")),
      section("stats_advisers", ["*Advice followed*", ...advisers].join("\n")),
      context(
        "stats_legend",
        `${open} A median needs ${MIN_FOR_MEDIAN} decisions, a share ${MIN_FOR_SHARE}. Advice is followed when people choose the option that the adviser recommended.`,
      ),
    ],
  };
}

const NO_DATA = "no data";
const ADVISERS_SHOWN = 8;

function adviserLines(spans: Figures[]): string[] {
  const names = [
    ...new Set(spans.toReversed().flatMap(({ advisers }) => advisers.map((one) => one.adviser))),
  ];
  if (names.length === 0) return [NO_DATA];
  const lines = names.slice(0, ADVISERS_SHOWN).map((name) => {
    const shares = spans.map(({ advisers }) => {
      const record = advisers.find((one) => one.adviser === name);
      return !record || record.share === null ? NO_DATA : `${percent(record.share)} of ${record.asked}`;
    });
    return `• ${inertLine(name, 60)}: ${shares.join(" / ")}`;
  });
  const more = names.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

/** "45 min", "5 h 10 min", "3 days". */
function spanWords(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 2 ? `${Math.round(days)} days` : durationWords(ms);
}
