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
  const cap = capUsd === null ? "" : ` of ${dollars(capUsd)}`;
  const left =
    leftUsd === null ? "No cap is set (`DAILY_BUDGET_USD`)." : `Left today: *${dollars(leftUsd)}*.`;
  const text = `Claude today: ${amount(today)}${cap === "" ? "" : `${cap}`}. ${left}`;
  return {
    text,
    blocks: [
      header("budget_title", "What Claude costs"),
      section(
        "budget_now",
        [
          `*Today*: ${amount(today)}${cap}. ${left}`,
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

function amount({ usd, calls }: { usd: number; calls: number }): string {
  if (calls === 0) return "no data (Claude was not asked)";
  return `${dollars(usd)} in ${calls === 1 ? "1 call" : `${calls} calls`}`;
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

type Row = [label: string, ...values: string[]];

export function statsMessage(spans: Figures[]): Message {
  const columns = (cell: (figures: Figures) => string): string[] => spans.map(cell);
  const count = (pick: (figures: Figures) => number) => columns((figures) => String(pick(figures)));
  const rows: Row[] = [
    ["", ...columns(({ days }) => `${days} days`)],
    ["Approved", ...count(({ verdicts }) => verdicts.approved)],
    ["With changes", ...count(({ verdicts }) => verdicts.edited)],
    ["Rejected", ...count(({ verdicts }) => verdicts.rejected)],
    ["Expired", ...count(({ verdicts }) => verdicts.expired)],
    ["Replaced", ...count(({ superseded }) => superseded)],
    ["Time to decide", ...columns(({ medianMs }) => (medianMs === null ? NO_DATA : spanWords(medianMs)))],
    ["Plans kept", ...columns(({ plans }) => (plans.mean === null ? NO_DATA : percent(plans.mean)))],
  ];
  const work: Row[] = [
    ["Analysed", ...count(({ analyses }) => analyses.decisions)],
    ["Made tasks", ...count(({ analyses }) => analyses.tasks)],
    ["Filed notes", ...count(({ analyses }) => analyses.notes)],
    ["Given up", ...count(({ givenUp }) => givenUp)],
  ];
  const pending = spans[0]?.pendingNow ?? 0;
  const open = pending === 1 ? "1 decision is open now." : `${pending} decisions are open now.`;
  const all = [...rows, ...work, ...adviserRows(spans)];
  return {
    text: `Statistics of the last ${spans.map(({ days }) => days).join(" and ")} days. ${open}`,
    blocks: [
      header("stats_title", "Statistics"),
      section("stats_table", fenced(all)),
      context(
        "stats_legend",
        `${open} Time to decide is the median from card to decision (from ${MIN_FOR_MEDIAN} on); shares need ${MIN_FOR_SHARE} decisions. An adviser's line: how often people chose what it recommended.`,
      ),
    ],
  };
}

const NO_DATA = "no data";
const ADVISERS_SHOWN = 8;

function adviserRows(spans: Figures[]): Row[] {
  const names = [
    ...new Set(spans.toReversed().flatMap(({ advisers }) => advisers.map((one) => one.adviser))),
  ];
  return names.slice(0, ADVISERS_SHOWN).map((name) => [
    name,
    ...spans.map(({ advisers }) => {
      const record = advisers.find((one) => one.adviser === name);
      if (!record || record.share === null) return NO_DATA;
      return `${percent(record.share)} of ${record.asked}`;
    }),
  ]);
}

/** "45 min", "5 h 10 min", "3 days". */
function spanWords(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 2 ? `${Math.round(days)} days` : durationWords(ms);
}

const LABEL = 18;
const VALUE = 12;

/** Columns line up only in a fence; narrow enough for a phone. */
function fenced(rows: Row[]): string {
  const lines = rows.map(([label, ...values]) => {
    const name = inertLine(label.replace(/`/g, "'"), LABEL);
    return `${name.padEnd(LABEL)}${values.map((value) => value.padStart(VALUE)).join("")}`.trimEnd();
  });
  return `\`\`\`\n${lines.join("\n")}\n\`\`\``;
}
