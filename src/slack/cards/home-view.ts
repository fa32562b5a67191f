/**
 * The Home tab: what waits for the reader, what was decided today, how the bot is. Pure; within Slack's limits for any
 * content. Who may decide is worked out before: here it only says who gets buttons.
 */
import { approvalsGiven, type DecisionRecord, shownPlan } from "../../domain/decision.ts";
import type { DecisionBrief } from "../../domain/figures.ts";
import type { HealthReport } from "../../domain/health.ts";
import type { Maintenance } from "../../domain/maintenance.ts";
import { lateness } from "../../domain/reminders.ts";
import { ACTIONS } from "../ids.ts";
import { fitting, inertLine, link, moment, oneLine, sentence, timeOfDay } from "../limits.ts";
import { batchRow } from "./batch-view.ts";
import { actions, type Block, button, context, divider, type Home, header, section } from "./blocks.ts";
import { decisionButtons, detailsButton, undoButton } from "./decision-actions.ts";
import { nameOf, optionName, verdictWord } from "./decision-parts.ts";
import { healthLine } from "./health.ts";
import { maintenanceLine } from "./maintenance-card.ts";
import { reopenedMark, waitingWords } from "./pending.ts";

/** Decisions with their buttons. */
export const WITH_BUTTONS = 10;
const DECIDED_SHOWN = 10;
/** Characters; one section holds 3,000. */
const DECIDED_ROOM = 2_800;
const TITLE = 120;

export interface HomeContent {
  report: HealthReport;
  maintenance: Maintenance | null;
  isOperator: boolean;
  /** Open ones, oldest first. */
  decisions: DecisionRecord[];
  /** May the reader decide this one? */
  mayDecide: (decisionId: string) => boolean;
  isApprover: boolean;
  /** How many the reader may decide several at a time. */
  forBatch: number;
  /** Why it is not known what the reader may do; null when it is. Inert. */
  doubt: string | null;
  /** What the reader decided a moment ago, and can still take back. */
  undoable: DecisionRecord[];
  /** Whether an approval of the reader counts on it, while others are missing. */
  hasApproved: (decision: DecisionRecord) => boolean;
  /** Newest first. */
  decided: DecisionBrief[];
  /** Where every decision is, in Notion. */
  pipesUrl: string;
  now: Date;
}

export function homeView(content: HomeContent): Home {
  const { decisions, mayDecide, isApprover, doubt } = content;
  const mine = decisions.filter(({ id }) => mayDecide(id)).slice(0, WITH_BUTTONS);
  const others = decisions.filter(({ id }) => !mayDecide(id)).slice(0, WITH_BUTTONS - mine.length);
  const more = decisions.length - mine.length - others.length;
  const open = [
    ...(mine.length > 0 || isApprover ? waiting("mine", "Waiting for you", { list: mine, content }) : []),
    ...batchRow(content.forBatch),
    ...(others.length > 0 || !(mine.length > 0 || isApprover)
      ? waiting("others", "Waiting for a decision", { list: others, content })
      : []),
    ...(more > 0 ? [context("more", `… and ${more} more: \`/emm pending\``)] : []),
  ];
  return framed(content, [
    ...(doubt === null ? [] : [section("doubt", doubt)]),
    ...justDecided(content.undoable),
    ...open,
    divider("decided_divider"),
    header("decided_title", "Decided today"),
    section("decided", decidedText(content)),
  ]);
}

/** Only a sentence: for whoever may not see more, or while nothing was looked up. */
export function homeNote(sentence: string): Home {
  return { type: "home", blocks: [section("note", sentence)] };
}

function framed({ isOperator, report, maintenance }: HomeContent, blocks: Block[]): Home {
  const closed = maintenanceLine(maintenance);
  return {
    type: "home",
    blocks: [
      ...(closed === null ? [] : [section("maintenance", closed)]),
      quickActions(isOperator),
      ...blocks,
      divider("divider"),
      section("health", healthLine(report)),
      section("help", "`/emm help` shows everything I can do."),
    ],
  };
}

function quickActions(isOperator: boolean): Block {
  const quick = (action: string, text: string, label: string) =>
    button({ action, text, value: "home", label });
  return actions("quick", [
    quick(ACTIONS.homeNew, "New item", "New inbox item"),
    ...(isOperator ? [quick(ACTIONS.homePoll, "Poll now", "Look into the inbox now")] : []),
    quick(ACTIONS.homeDigest, "Digest", "Show today's digest"),
  ]);
}

const UNDOABLE_SHOWN = 5;

function justDecided(undoable: DecisionRecord[]): Block[] {
  if (undoable.length === 0) return [];
  const rows = undoable.slice(0, UNDOABLE_SHOWN).flatMap((decision, index) => {
    const { state, title, cardUrl, pipeUrl } = decision;
    if (state.kind !== "undoable") return [];
    const name = `*${link(cardUrl ?? pipeUrl, titleOf(title))}*`;
    const until = `You can take this back until ${timeOfDay(state.until)}.`;
    return [
      section(`undoable_${index}`, `${name}\n${verdictWord(state.outcome.verdict)}. ${until}`),
      actions(`undoable_${index}_actions`, [undoButton(decision), detailsButton(decision)]),
    ];
  });
  return [header("undoable_title", "Just decided"), ...rows];
}

interface WaitingInput {
  list: DecisionRecord[];
  content: HomeContent;
}

function waiting(name: string, title: string, { list, content }: WaitingInput): Block[] {
  return [
    header(`${name}_title`, title),
    ...(list.length === 0 ? [section(`${name}_none`, "No decision is open.")] : []),
    ...list.flatMap((decision, index) => [
      section(`${name}_${index}`, lines(decision, content.now)),
      actions(`${name}_${index}_actions`, buttonsFor(decision, content)),
    ]),
  ];
}

function buttonsFor(decision: DecisionRecord, { mayDecide, hasApproved, now }: HomeContent) {
  const isOpen = lateness(decision, now) !== "past";
  if (!isOpen || !mayDecide(decision.id)) return [detailsButton(decision)];
  const undo = hasApproved(decision) ? [undoButton(decision)] : [];
  return [...decisionButtons(decision), ...undo];
}

function lines(decision: DecisionRecord, now: Date): string {
  const plan = shownPlan(decision);
  const { analysis, cardUrl, pipeUrl, expiresAt } = decision;
  const { risk, impact } = analysis.triage;
  const option = inertLine(optionName(plan, plan.recommendedOption), 160).replace(/\*/g, "∗");
  const late = lateness(decision, now);
  const facts = `Impact ${Number.isFinite(impact) ? impact : "no data"} of 10, risk ${inertLine(risk, 10)}`;
  const posted = cardUrl === null ? " (card not posted yet; the link is the plan in Notion)" : "";
  const open = waitingWords(decision, now);
  const when =
    late === "past" && expiresAt !== null
      ? `⏰ *Overdue*: its time was over ${moment(expiresAt)}. It closes as expired at the next poll.`
      : sentence(late === null ? upperFirst(open) : `⏰ *Overdue*: ${open}`);
  const given = approvalsGiven(decision).map(({ by }) => nameOf(by));
  return [
    `*${link(cardUrl ?? pipeUrl, titleOf(decision.title))}*${reopenedMark(decision)}${posted}`,
    `Recommended: ${option}${decision.draft === null ? "" : `, as edited by ${nameOf(decision.draft.by)}`}`,
    ...(given.length === 0 ? [] : [`Approved by ${given.join(", ")}; somebody else has to approve as well.`]),
    `${when} ${facts}.`,
  ].join("\n");
}

function upperFirst(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function titleOf(title: string): string {
  return inertLine(oneLine(title) || "Decision", TITLE).replace(/\*/g, "∗");
}

function decidedText({ decided, pipesUrl }: HomeContent): string {
  if (decided.length === 0) return "Nothing yet.";
  const lines = decided.slice(0, DECIDED_SHOWN).map((decision) => `• ${decidedLine(decision)}`);
  const shown = fitting(lines, DECIDED_ROOM);
  const more = decided.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more, in ${link(pipesUrl, "Action Pipes in Notion")}`);
  return shown.join("\n");
}

function decidedLine({ title, cardUrl, pipeUrl, outcome }: DecisionBrief): string {
  const name = link(cardUrl ?? pipeUrl, titleOf(title));
  if (outcome === null) return name;
  const by = outcome.verdict === "expired" ? "" : ` by ${inertLine(outcome.by, 160) || "somebody"}`;
  return `${name}: ${verdictWord(outcome.verdict).toLowerCase()}${by}, ${moment(outcome.at)}`;
}
