/** The decision card in each of its states. Pure: a decision in, text and blocks out, always within Slack's limits. */
import type { types } from "@slack/bolt";
import type { DecisionRecord, Outcome } from "../../domain/decision.ts";
import { ACTIONS, encodeDecisionValue } from "../ids.ts";
import { clip, inert, inertLine, link, oneLine, plainMoment, sentence } from "../limits.ts";
import {
  actions,
  type Block,
  button,
  context,
  header,
  type Message,
  plainSection,
  section,
} from "./blocks.ts";
import {
  adviserHeading,
  adviserLines,
  changedInNotion,
  conflictLines,
  footLines,
  nameOf,
  optionLines,
  optionName,
  outcomeLines,
  planLines,
  tasksWord,
  verdictWord,
} from "./decision-parts.ts";

interface CardExtras {
  /** Link to the card that replaces a superseded one. */
  replacementUrl?: string | null;
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
        return [...proposal(decision, "whole text under Details"), buttons(decision)];
      case "recording":
        return [
          ...proposal(decision, "whole text under Details"),
          recording(decision, state),
          details(decision),
        ];
      case "recorded":
        return recorded(decision, state);
      case "superseded":
        return superseded(decision, { ...state, replacementUrl: extras.replacementUrl ?? null });
    }
  };
  return { text: summary(decision), blocks: [...notice, ...body()] };
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
  const { analysis, proposal: plan } = decision;
  const id = blockIds(decision);
  const advisers = adviserLines({ analysis, where });
  const conflicts = conflictLines({ analysis, where });
  const changed = changedInNotion(decision);
  return [
    header(id("title"), title(decision)),
    ...question(decision, where),
    section(id("recommended"), recommendation(decision, where)),
    ...(changed === null ? [] : [context(id("changed"), changed)]),
    section(id("risk"), riskLines(decision, where)),
    ...(advisers.length > 0
      ? [section(id("advisers"), [adviserHeading(analysis), ...advisers].join("\n"))]
      : []),
    ...(plan.options.length > 0 ? [section(id("options"), optionLines({ plan, analysis, where }))] : []),
    ...(conflicts === null ? [] : [section(id("conflicts"), conflicts)]),
    section(id("plan"), planLines({ plan, where })),
    context(id("foot"), ...footLines(decision)),
  ];
}

/** Left out when the title says the same. */
function question(decision: DecisionRecord, where: string): Block[] {
  const asked = oneLine(decision.analysis.frame.question);
  const same = asked.toLowerCase() === title(decision).toLowerCase();
  return same ? [] : [plainSection(blockIds(decision)("question"), clip(asked, 400, where))];
}

function recommendation({ analysis, proposal: plan }: DecisionRecord, where: string): string {
  const name = inertLine(optionName(plan, plan.recommendedOption), 160).replace(/\*/g, "∗");
  const own = plan.recommendedOption === analysis.synthesis.recommendedOption;
  const why = own
    ? inert(oneLine(analysis.synthesis.rationale), 320, where)
    : `Set in Notion. The advisers recommended ${inertLine(analysis.synthesis.recommendedOption, 4)}.`;
  return [`*Recommended: ${name}*`, why].filter((line) => line !== "").join("\n");
}

function riskLines({ analysis, proposal: plan }: DecisionRecord, where: string): string {
  const { risk, impact } = analysis.triage;
  const facts = `*Risk* ${inertLine(risk, 10)} · *Impact* ${Number.isFinite(impact) ? impact : "no data"} of 10`;
  const assessment = inert(oneLine(plan.riskAssessment), 260, where);
  return assessment === "" ? facts : `${facts}\n${assessment}`;
}

/** What the advisers said stays readable after the decision. */
function details(decision: DecisionRecord): Block {
  return actions(blockIds(decision)("actions"), [detailsButton(decision)]);
}

export function detailsButton(decision: DecisionRecord): types.Button {
  const value = encodeDecisionValue({ id: decision.id, hash: decision.hash });
  return button({
    action: ACTIONS.details,
    text: "Details",
    value,
    label: `Full analysis: ${title(decision)}`,
  });
}

function buttons(decision: DecisionRecord): Block {
  return actions(blockIds(decision)("actions"), decisionButtons(decision));
}

/** Wherever a decision can be made. */
export function decisionButtons(decision: DecisionRecord): types.Button[] {
  const value = encodeDecisionValue({ id: decision.id, hash: decision.hash });
  const name = title(decision);
  return [
    button({ action: ACTIONS.approve, text: "Approve", value, label: `Approve: ${name}`, style: "primary" }),
    button({ action: ACTIONS.edit, text: "Edit", value, label: `Edit and approve: ${name}` }),
    button({ action: ACTIONS.reject, text: "Reject", value, label: `Reject: ${name}`, style: "danger" }),
    detailsButton(decision),
  ];
}

const RECORDING_WORDS: Record<Outcome["verdict"], string> = {
  approved: "approval",
  edited: "approval with changes",
  rejected: "rejection",
  expired: "expiry",
};

type Recording = Extract<DecisionRecord["state"], { kind: "recording" }>;

function recordingLine(outcome: Outcome): string {
  const what = RECORDING_WORDS[outcome.verdict];
  return outcome.verdict === "expired"
    ? "Recording that this expired…"
    : `Recording ${nameOf(outcome.by)}'s ${what}…`;
}

function recording(decision: DecisionRecord, state: Recording): Block {
  const line = `*${recordingLine(state.outcome).replace(/\*/g, "∗")}*`;
  const problem =
    state.problem === undefined ? "" : `\nNotion did not take it yet: ${inertLine(state.problem, 400)}`;
  return section(blockIds(decision)("recording"), `${line}${problem}`);
}

type Recorded = Extract<DecisionRecord["state"], { kind: "recorded" }>;

function recorded(decision: DecisionRecord, state: Recorded): Block[] {
  const id = blockIds(decision);
  const lines = outcomeLines(state.outcome, "whole text in Notion");
  const follow = followUp(state);
  return [
    header(id("title"), title(decision)),
    ...question(decision, "whole text under Details"),
    section(id("outcome"), [...lines, ...follow].join("\n")),
    context(id("foot"), ...footLines(decision)),
    details(decision),
  ];
}

function followUp(state: Recorded): string[] {
  const { outcome, taskCount, projectUrl, acceptanceRate } = state;
  const lines: string[] = [];
  if (outcome.final !== null) {
    const tasks = taskCount === 0 ? "No follow-up tasks" : `${tasksWord(taskCount)} created`;
    lines.push(projectUrl === null ? `${tasks}.` : `${tasks} in ${link(projectUrl, "the project")}.`);
  }
  if (outcome.verdict === "edited" && Number.isFinite(acceptanceRate)) {
    lines.push(`${Math.round(acceptanceRate * 100)} % of the advisers' plan was kept.`);
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
  const [heading, followed] = by === null ? ["Closed", "Nothing is carried out."] : ["Replaced", next];
  return [
    header(id("title"), title(decision)),
    section(id("superseded"), `*${heading}.* ${inertLine(reason, 400, "whole text in Notion")}\n${followed}`),
    context(id("foot"), ...footLines(decision)),
    details(decision),
  ];
}

/** For notifications and screen readers: the card in a sentence. Escaped, because `text` is mrkdwn too. */
function summary(decision: DecisionRecord): string {
  const name = sentence(inertLine(title(decision), 200));
  const { state, proposal: plan } = decision;
  switch (state.kind) {
    case "pending": {
      const option = inertLine(optionName(plan, plan.recommendedOption), 160);
      return `Decision needed: ${name} Recommended: ${option}. Approve, edit or reject.`;
    }
    case "recording":
      return `${name} ${recordingLine(state.outcome)}${state.problem === undefined ? "" : " Notion did not take it yet."}`;
    case "recorded": {
      const { outcome } = state;
      const by = outcome.verdict === "expired" ? "" : ` by ${nameOf(outcome.by)}`;
      return `${name} ${verdictWord(outcome.verdict)}${by}, ${plainMoment(outcome.at)}.`;
    }
    case "superseded":
      return `${name} ${state.by === null ? "Closed" : "Replaced by a new card"}. ${inertLine(state.reason, 200)}`;
  }
}
