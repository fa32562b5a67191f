/** The digest: what is late, what waits, what was decided, and the numbers. Pure; within Slack's limits for any content. */
import type { Digest, DigestList } from "../../domain/digest.ts";
import { type AdviserRecord, type DecisionBrief, dueAt, type VerdictCounts } from "../../domain/figures.ts";
import { day, inertLine, link, moment, oneLine } from "../limits.ts";
import type { ReaderSettings } from "../operations-ports.ts";
import { type Block, context, header, type Message, section } from "./blocks.ts";
import { dollars, tasksWord, verdictWord } from "./decision-parts.ts";
import { healthLine } from "./health.ts";
import { age } from "./pending.ts";

/** Characters; together with the fixed lines well below what one message may hold. */
const LIST_ROOM = { overdue: 1_800, waiting: 2_200, decided: 2_200 };
const TITLE = 100;
const MISSED_SHOWN = 5;
const ADVISERS_SHOWN = 6;

export function digestCard(digest: Digest, reader: ReaderSettings): Message {
  const name = digest.kind === "daily" ? "Daily digest" : "Weekly digest";
  const blocks: Block[] = [
    header("digest_title", `${name}: ${dayName(digest.until, reader)}`),
    context("digest_period", `Since ${moment(digest.since)}`, ...missedLine(digest)),
    ...(digest.isQuiet ? [section("digest_quiet", QUIET[digest.kind])] : contentOf(digest, reader)),
    context("digest_health", healthLine(digest.health)),
  ];
  return { text: `${name}: ${summary(digest)}`, blocks };
}

/** "Friday 20 November 2026". Joined here: where Intl puts commas differs between versions of Node. */
function dayName(moment: string, { timezone }: ReaderSettings): string {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: timezone });
  const words = format.formatToParts(new Date(moment)).filter((part) => part.type !== "literal");
  return words.map((part) => part.value).join(" ");
}

const QUIET = {
  daily: "Nothing was decided, nothing waits, nothing is new. Until something is, I say so once a week.",
  weekly: "Nothing was decided this week, nothing waits, nothing is new.",
};

function summary({ isQuiet, decided, waiting, overdue }: Digest): string {
  if (isQuiet) return "nothing happened, nothing waits.";
  const late = overdue.total === 0 ? "" : `, ${overdue.total} overdue`;
  return `${decided.total} decided, ${waiting.total} waiting${late}.`;
}

function missedLine({ missed }: Digest): string[] {
  if (missed.length === 0) return [];
  const shown = missed.slice(-MISSED_SHOWN).map((slot) => slot.replace("T", " "));
  const more = missed.length - shown.length;
  const times = `${shown.join(", ")}${more > 0 ? ` and ${more} before` : ""}`;
  return [`Not posted, because I was not running: ${times}. What they missed is in this one.`];
}

function contentOf(digest: Digest, reader: ReaderSettings): Block[] {
  const { overdue, waiting, decided } = digest;
  const now = new Date(digest.until);
  return [
    ...listSection("overdue", {
      list: overdue,
      heading: `⏰ *Overdue: ${overdue.total}*`,
      line: (decision) =>
        `${titleOf(decision)}, due ${day(dueAt(decision))}, open for ${ageOf(decision, now)}`,
      reader,
    }),
    ...listSection("waiting", {
      list: waiting,
      heading: `⏳ *Waiting for a decision: ${waiting.total}*`,
      line: (decision) => `${titleOf(decision)}, open for ${ageOf(decision, now)}${expiry(decision)}`,
      reader,
    }),
    ...listSection("decided", {
      list: decided,
      heading: `✅ *Decided: ${decided.total}*${verdictWords(digest.verdicts)}`,
      line: decidedLine,
      reader,
    }),
    section("digest_work", workLines(digest).join("\n")),
    context("digest_numbers", ...numberLines(digest)),
  ];
}

interface ListInput {
  list: DigestList;
  heading: string;
  line: (decision: DecisionBrief) => string;
  reader: ReaderSettings;
}

/** As many lines as fit; the rest is counted, with the place where it is. */
function listSection(name: keyof typeof LIST_ROOM, { list, heading, line, reader }: ListInput): Block[] {
  if (list.total === 0) return [];
  const lines: string[] = [];
  let room = LIST_ROOM[name];
  for (const decision of list.shown) {
    const text = `• ${line(decision)}`;
    room -= text.length + 1;
    if (room < 0) break;
    lines.push(text);
  }
  const more = list.total - lines.length;
  if (more > 0) lines.push(`… and ${more} more, in ${link(reader.pipesUrl, "Action Pipes in Notion")}`);
  return [section(`digest_${name}`, [heading, ...lines].join("\n"))];
}

function titleOf({ title, cardUrl, pipeUrl }: DecisionBrief): string {
  return link(cardUrl ?? pipeUrl, inertLine(oneLine(title) || "Decision", TITLE));
}

function ageOf({ createdAt }: DecisionBrief, now: Date): string {
  return age(createdAt, now);
}

function expiry({ expiresAt }: DecisionBrief): string {
  return expiresAt === null ? "" : `, until ${day(expiresAt)}`;
}

function decidedLine(decision: DecisionBrief): string {
  const { outcome, taskCount } = decision;
  if (outcome === null) return titleOf(decision);
  const who =
    outcome.verdict === "expired" ? ", nobody decided" : ` by ${inertLine(outcome.by, 160) || "somebody"}`;
  const tasks = taskCount > 0 ? `, ${tasksWord(taskCount)}` : "";
  return `${titleOf(decision)}: ${verdictWord(outcome.verdict).toLowerCase()}${who}${tasks}`;
}

function verdictWords(verdicts: VerdictCounts): string {
  const words = Object.entries(verdicts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdictWord(verdict as keyof VerdictCounts).toLowerCase()}`);
  return words.length < 2 ? "" : ` (${words.join(", ")})`;
}

function workLines({ kind, items, tasks }: Digest): string[] {
  const became = [
    items.tasks > 0 ? tasksWord(items.tasks) : null,
    items.notes > 0 ? `${items.notes} ${items.notes === 1 ? "note" : "notes"}` : null,
  ].filter((words) => words !== null);
  const straight = became.length > 0 ? `; ${became.join(" and ")} without a decision` : "";
  return [
    `📥 *New in the inbox: ${items.new}*${straight}`,
    `Tasks created: ${tasks.created}${kind === "weekly" ? `, done: ${doneWords(tasks.done)}` : ""}`,
    ...(items.givenUp > 0
      ? [`Could not be handled: ${items.givenUp}. Retry or Ignore is on their cards.`]
      : []),
  ];
}

function doneWords(done: Digest["tasks"]["done"]): string {
  return done === null
    ? "no data (Notion did not tell)"
    : `${done.isAtLeast ? "at least " : ""}${done.count}`;
}

function numberLines({ spend, items, plans, advisers }: Digest): string[] {
  const calls = spend.calls === 1 ? "1 call" : `${spend.calls} calls`;
  const unpaid = items.unpaid ?? "no data on how many";
  const waits = unpaid === 0 ? "" : `. The budget is reached: ${unpaid} in the inbox wait`;
  const kept = plans.mean === null ? tooFew(plans.count) : percent(plans.mean);
  return [
    `Claude: ${dollars(spend.usd)}, ${calls}${waits}`,
    `Last 30 days. Plans kept as proposed: ${kept}. Advice followed: ${adviserWords(advisers)}`,
  ];
}

function adviserWords(advisers: AdviserRecord[]): string {
  if (advisers.every(({ share }) => share === null)) {
    return tooFew(Math.max(0, ...advisers.map(({ asked }) => asked)));
  }
  const shown = advisers.slice(0, ADVISERS_SHOWN).map(({ adviser, asked, followed, share }) => {
    const name = inertLine(adviser, 40);
    return share === null
      ? `${name} too few to say (${asked})`
      : `${name} ${percent(share)} (${followed} of ${asked})`;
  });
  const more = advisers.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** Below the minimum a share says nothing. */
function tooFew(count: number): string {
  return `too few decisions to say (${count})`;
}
