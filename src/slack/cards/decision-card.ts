/** The decision card in each of its states. Pure: a decision in, text and blocks out, always within Slack's limits. */
import { type DecisionRecord, type Outcome, shownPlan } from "../../domain/decision.ts";
import type { Plan } from "../../domain/plan.ts";
import {
  clip,
  inert,
  inertLine,
  link,
  mention,
  oneLine,
  plainMoment,
  sentence,
  timeOfDay,
} from "../limits.ts";
import { type Block, context, header, type Message, plainSection, section } from "./blocks.ts";
import { withinRoom } from "./card-room.ts";
import { pendingActions, settledActions, undoableActions } from "./decision-actions.ts";
import {
  adviserHeading,
  adviserLines,
  changedInNotion,
  conflictLines,
  decidersOf,
  footLines,
  nameOf,
  optionLines,
  optionName,
  outcomeLines,
  planLines,
  tasksWord,
  verdictWord,
} from "./decision-parts.ts";
import { questionLines } from "./question-card.ts";
import { reopenedLines, reopeningLines } from "./reopen-view.ts";
import { draftLine, ONE_VOTE, type Votes, voidedLines, voteLine } from "./votes.ts";

const DETAILS = "whole text under Details";

interface CardExtras {
  /** Link to the card that replaces a superseded one. */
  replacementUrl?: string | null;
  /** Link to the card on which a settled one is decided again. */
  reopenedUrl?: string | null;
  /** How many approvals it needs, and of whom. */
  votes?: Votes;
  /** A line above everything, e.g. why the card is in this channel. Inert already. */
  notice?: string | null;
}

export function decisionCard(decision: DecisionRecord, extras: CardExtras = {}): Message {
  const { state } = decision;
  const id = blockIds(decision);
  const notice = extras.notice ? [context(id("notice"), extras.notice)] : [];
  const body = (): Block[] => {
    switch (state.kind) {
      case "pending":
        return [
          ...proposal(decision, DETAILS),
          ...votes(decision, extras.votes ?? ONE_VOTE),
          ...pendingActions(decision, id),
        ];
      case "undoable":
        return [...proposal(decision, DETAILS), undoable(decision, state), ...undoableActions(decision, id)];
      case "recording":
        return [...proposal(decision, DETAILS), recording(decision, state), ...settledActions(decision, id)];
      case "recorded":
        return recorded(decision, { ...state, reopenedUrl: extras.reopenedUrl ?? null });
      case "superseded":
        return superseded(decision, { ...state, replacementUrl: extras.replacementUrl ?? null });
    }
  };
  // The newest question and vetoes come last there, and stay longest.
  const lists = { [id("conflicts")]: "last", [id("asked")]: "first", [id("advisers")]: "first" } as const;
  return { text: summary(decision), blocks: withinRoom([...notice, ...body()], lists, DETAILS) };
}

/** Slack asks for new block ids whenever a message is updated. */
function blockIds(decision: DecisionRecord): (name: string) => string {
  return (name) => `r${decision.rev}_${decision.state.kind}_${name}`;
}

function title(decision: DecisionRecord): string {
  const text = oneLine(decision.title);
  return text === "" ? "Decision" : text;
}

function proposal(decision: DecisionRecord, where: string): Block[] {
  const { analysis } = decision;
  const plan = planToGoBy(decision);
  const id = blockIds(decision);
  const draft = draftLine(decision);
  const advisers = adviserLines({ analysis, where });
  const conflicts = conflictLines({ analysis, where });
  const changed = changedInNotion(decision);
  const asked = questionLines(decision, where);
  return [
    header(id("title"), title(decision)),
    ...reopening(decision),
    ...question(decision, where),
    section(id("recommended"), recommendation(decision, where)),
    ...(changed === null ? [] : [context(id("changed"), changed)]),
    ...(draft === null ? [] : [section(id("draft"), draft)]),
    section(id("risk"), riskLines(decision, where)),
    ...(advisers.length > 0
      ? [section(id("advisers"), [adviserHeading(analysis), ...advisers].join("\n"))]
      : []),
    ...(plan.options.length > 0 ? [section(id("options"), optionLines({ plan, analysis, where }))] : []),
    ...(conflicts === null ? [] : [section(id("conflicts"), conflicts)]),
    ...whatHappens(decision, where),
    ...(asked === null ? [] : [section(id("asked"), asked)]),
    context(id("foot"), ...footLines(decision)),
  ];
}

/** Once decided, the one that is carried out. */
function planToGoBy(decision: DecisionRecord): Plan {
  return outcomeOf(decision)?.final ?? shownPlan(decision);
}

function outcomeOf({ state }: DecisionRecord): Outcome | null {
  return "outcome" in state ? state.outcome : null;
}

/** Nothing happens after a no. */
function whatHappens(decision: DecisionRecord, where: string): Block[] {
  const outcome = outcomeOf(decision);
  if (outcome !== null && outcome.final === null) return [];
  const lines = planLines({ plan: planToGoBy(decision), isApproved: outcome !== null, where });
  return [section(blockIds(decision)("plan"), lines)];
}

/** First of all: this was decided once before. */
function reopening(decision: DecisionRecord): Block[] {
  const lines = reopeningLines(decision);
  return lines.length === 0 ? [] : [section(blockIds(decision)("reopening"), lines.join("\n"))];
}

/** Left out when the title says the same. */
function question(decision: DecisionRecord, where: string): Block[] {
  const asked = oneLine(decision.analysis.frame.question);
  const same = asked.toLowerCase() === title(decision).toLowerCase();
  return same ? [] : [plainSection(blockIds(decision)("question"), clip(asked, 400, where))];
}

function recommendation(decision: DecisionRecord, where: string): string {
  const { analysis } = decision;
  const plan = shownPlan(decision);
  const name = inertLine(optionName(plan, plan.recommendedOption), 160).replace(/\*/g, "∗");
  const own = plan.recommendedOption === analysis.synthesis.recommendedOption;
  const why = own
    ? inert(oneLine(analysis.synthesis.rationale), 320, where)
    : `Set ${whoSet(decision)}. The advisers recommended ${inertLine(analysis.synthesis.recommendedOption, 4)}.`;
  return [`*Recommended: ${name}*`, why].filter((line) => line !== "").join("\n");
}

function whoSet({ draft, reopening }: DecisionRecord): string {
  if (draft !== null) return `by ${nameOf(draft.by)}`;
  return reopening === null ? "in Notion" : "by people";
}

function riskLines(decision: DecisionRecord, where: string): string {
  const plan = planToGoBy(decision);
  const { risk, impact } = decision.analysis.triage;
  const facts = `*Risk* ${inertLine(risk, 10)} · *Impact* ${Number.isFinite(impact) ? impact : "no data"} of 10`;
  const assessment = inert(oneLine(plan.riskAssessment), 260, where);
  return assessment === "" ? facts : `${facts}\n${assessment}`;
}

/** Where one approval is enough and none was taken back, there is nothing to say. */
function votes(decision: DecisionRecord, given: Votes): Block[] {
  const id = blockIds(decision);
  const line = voteLine(decision, given);
  const gone = voidedLines(decision);
  return [
    ...(line === null ? [] : [section(id("votes"), line)]),
    ...(gone.length === 0 ? [] : [context(id("voided"), gone.join("\n"))]),
  ];
}

/** What waits until it can no longer be taken back. */
const THEN: Record<Outcome["verdict"], string> = {
  approved: "only then it is carried out",
  edited: "only then it is carried out",
  rejected: "then the rejection is final",
  expired: "then it is final",
  withdrawn: "then the withdrawal is final",
};

type Undoable = Extract<DecisionRecord["state"], { kind: "undoable" }>;

function undoable(decision: DecisionRecord, { outcome, until }: Undoable): Block {
  const lines = outcomeLines(outcome, DETAILS);
  const name = outcome.by.slackId === null ? nameOf(outcome.by) : mention(outcome.by.slackId);
  lines.push(`${name} can take this back until ${timeOfDay(until)}; ${THEN[outcome.verdict]}.`);
  return section(blockIds(decision)("undoable"), lines.join("\n"));
}

const RECORDING_WORDS: Record<Outcome["verdict"], string> = {
  approved: "approval",
  edited: "approval with changes",
  rejected: "rejection",
  expired: "expiry",
  withdrawn: "withdrawal",
};

type Recording = Extract<DecisionRecord["state"], { kind: "recording" }>;

function recordingLine(outcome: Outcome): string {
  const what = RECORDING_WORDS[outcome.verdict];
  return outcome.verdict === "expired"
    ? "Recording that this expired…"
    : `Recording ${decidersOf(outcome)}'s ${what}…`;
}

function recording(decision: DecisionRecord, state: Recording): Block {
  const line = `*${recordingLine(state.outcome).replace(/\*/g, "∗")}*`;
  const problem =
    state.problem === undefined ? "" : `\nNotion did not take it yet: ${inertLine(state.problem, 400)}`;
  return section(blockIds(decision)("recording"), `${line}${problem}`);
}

type Recorded = Extract<DecisionRecord["state"], { kind: "recorded" }>;

function recorded(
  decision: DecisionRecord,
  { reopenedUrl, ...state }: Recorded & { reopenedUrl: string | null },
): Block[] {
  const id = blockIds(decision);
  const lines = outcomeLines(state.outcome, "whole text in Notion");
  const follow = followUp(decision, state);
  const reopened = reopenedLines(decision, reopenedUrl);
  return [
    header(id("title"), title(decision)),
    ...reopening(decision),
    ...question(decision, DETAILS),
    section(id("outcome"), [...lines, ...follow].join("\n")),
    ...(reopened.length > 0 ? [section(id("reopened"), reopened.join("\n"))] : []),
    context(id("foot"), ...footLines(decision)),
    ...settledActions(decision, id),
  ];
}

function followUp({ reopening }: DecisionRecord, state: Recorded): string[] {
  const { outcome, taskCount, projectUrl, acceptanceRate } = state;
  const lines: string[] = [];
  if (outcome.final !== null) {
    const none = reopening === null ? "No follow-up tasks" : "No further tasks";
    const tasks = taskCount === 0 ? none : `${tasksWord(taskCount)} created`;
    lines.push(projectUrl === null ? `${tasks}.` : `${tasks} in ${link(projectUrl, "the project")}.`);
  }
  if (outcome.verdict === "edited" && Number.isFinite(acceptanceRate)) {
    lines.push(
      `${Math.round(acceptanceRate * 100)} % of what was proposed (option, risk, needs, tasks) was kept.`,
    );
  }
  return lines;
}

function superseded(
  decision: DecisionRecord,
  { by, reason, replacementUrl }: { by: string | null; reason: string; replacementUrl: string | null },
): Block[] {
  const id = blockIds(decision);
  const next =
    replacementUrl === null
      ? "A new card shows the plan as it is now."
      : `Please decide on ${link(replacementUrl, "the new card")}.`;
  const gone = voidedLines(decision);
  const [heading, followed] = by === null ? ["Closed", "Nothing is carried out."] : ["Replaced", next];
  return [
    header(id("title"), title(decision)),
    section(id("superseded"), `*${heading}.* ${inertLine(reason, 400, "whole text in Notion")}\n${followed}`),
    ...(gone.length === 0 ? [] : [context(id("voided"), gone.join("\n"))]),
    context(id("foot"), ...footLines(decision)),
    ...settledActions(decision, id),
  ];
}

/** For notifications and screen readers: the card in a sentence. Escaped, because `text` is mrkdwn too. */
function summary(decision: DecisionRecord): string {
  const name = sentence(inertLine(title(decision), 200));
  const { state } = decision;
  const plan = shownPlan(decision);
  switch (state.kind) {
    case "pending": {
      const option = inertLine(optionName(plan, plan.recommendedOption), 160);
      return `Decision needed: ${name} Recommended: ${option}. Approve, edit or reject.`;
    }
    case "undoable":
      return `${name} ${verdictWord(state.outcome.verdict)} by ${decidersOf(state.outcome)}. Can be taken back for a moment.`;
    case "recording":
      return `${name} ${recordingLine(state.outcome)}${state.problem === undefined ? "" : " Notion did not take it yet."}`;
    case "recorded": {
      const { outcome } = state;
      const by = outcome.verdict === "expired" ? "" : ` by ${decidersOf(outcome)}`;
      return `${name} ${verdictWord(outcome.verdict)}${by}, ${plainMoment(outcome.at)}.`;
    }
    case "superseded":
      return `${name} ${state.by === null ? "Closed" : "Replaced by a new card"}. ${inertLine(state.reason, 200)}`;
  }
}
