/** The paragraphs of a decision card: short lines that read well on a phone. Pure; every text inert and clipped. */
import { type Advice, type Analysis, hadOneAdviser, planOf } from "../../domain/analysis.ts";
import { type DecisionRecord, type Outcome, type Person, whoDecided } from "../../domain/decision.ts";
import type { Option, Plan } from "../../domain/plan.ts";
import { inertLine, link, mention, moment, oneLine } from "../limits.ts";
import { callOut } from "./people.ts";

/** Rows shown of a list before the rest is counted. */
const SHOWN = { advisers: 4, tasks: 6, resources: 4, conflicts: 3, options: 4 };

export function optionName(plan: Plan, id: string): string {
  const option = plan.options.find((candidate) => candidate.id === id);
  return option && oneLine(option.title) !== "" ? `${id}. ${oneLine(option.title)}` : `Option ${id}`;
}

/** Says why one adviser is enough, where no more were asked; one who is left of three is not that case. */
export function adviserHeading(analysis: Analysis): string {
  return hadOneAdviser(analysis)
    ? "*Adviser* (one was asked, because neither impact nor risk is high)"
    : "*Advisers*";
}

/** Who agreed with the recommendation, who did not, who is missing, and vetoes: on a full card the last lines stay longest. */
export function adviserLines({ analysis, where }: { analysis: Analysis; where: string }): string[] {
  const { agree, dissent } = analysis.disagreement;
  const lines: string[] = [];
  if (agree.length > 0) lines.push(`For it: ${names(agree)}`);
  for (const voice of dissent.slice(0, SHOWN.advisers)) {
    lines.push(
      `Against: ${inertLine(voice.adviser, 60)}, who would choose ${inertLine(voice.recommends, 4)}`,
    );
  }
  for (const missing of analysis.missing.slice(0, SHOWN.advisers)) {
    lines.push(`Not heard: ${inertLine(missing.adviser, 60)} (${inertLine(missing.reason, 120, where)})`);
  }
  const hidden =
    rest(dissent.length, SHOWN.advisers) +
    rest(vetoes(analysis.advice).length, SHOWN.advisers) +
    rest(analysis.missing.length, SHOWN.advisers);
  if (hidden > 0) lines.push(`… and ${hidden} more (${where})`);
  for (const { adviser, veto } of vetoes(analysis.advice).slice(0, SHOWN.advisers)) {
    lines.push(
      `*Veto* by ${inertLine(adviser, 60)} against ${inertLine(veto.option, 4)}: ${inertLine(veto.reason, 160, where)}`,
    );
  }
  return lines;
}

function vetoes(advice: Advice[]) {
  return advice.flatMap(({ adviser, veto }) => (veto ? [{ adviser, veto }] : []));
}

function names(list: string[]): string {
  const shown = list.slice(0, 6).map((name) => inertLine(name, 60));
  const more = rest(list.length, 6);
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

function rest(count: number, shown: number): number {
  return Math.max(0, count - shown);
}

/** One paragraph per option: title, one line, and each adviser's score. */
export function optionLines({ plan, analysis, where }: PartsInput): string {
  const shown = plan.options.slice(0, SHOWN.options).map((option) => oneOption(option, analysis, where));
  return `*Options* (impact out of 10, risk out of 5)\n${shown.join("\n\n")}`;
}

interface PartsInput {
  plan: Plan;
  analysis: Analysis;
  where: string;
}

function oneOption(option: Option, analysis: Analysis, where: string): string {
  const title = `*${inertLine(`${option.id}. ${option.title}`, 110).replace(/\*/g, "∗")}*`;
  const summary = inertLine(option.summary, 170, where);
  const scores = analysis.advice.slice(0, SHOWN.advisers).flatMap((advice) => {
    const score = advice.scores.find((candidate) => candidate.option === option.id);
    return score
      ? [`${shortName(advice.adviser)}: impact ${figure(score.impact)}, risk ${figure(score.risk)}`]
      : [];
  });
  return [title, summary, scores.join(" · ")].filter((line) => line !== "").join("\n");
}

/** "The Quant" is "Quant" where space is short. */
function shortName(adviser: string): string {
  return inertLine(adviser.replace(/^The /, ""), 30);
}

function figure(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : "no data";
}

export function conflictLines({ analysis, where }: { analysis: Analysis; where: string }): string | null {
  const points = analysis.synthesis.conflictPoints.filter((point) => point.trim() !== "");
  if (points.length === 0 && analysis.disagreement.level === "None") return null;
  const shown = points.slice(0, SHOWN.conflicts).map((point) => `• ${inertLine(point, 180, where)}`);
  const more = rest(points.length, SHOWN.conflicts);
  return [
    `*Where they disagree* (${inertLine(analysis.disagreement.level, 10).toLowerCase()})`,
    ...shown,
    ...(more > 0 ? [`… and ${more} more (${where})`] : []),
  ].join("\n");
}

/** What an approval sets in motion: tasks and resources, because they are part of what is approved. */
export function planLines({ plan, isApproved, where }: PlanInput): string {
  const heading = isApproved ? "What happens" : "If approved";
  const tasks = list({ entries: plan.tasks, shown: SHOWN.tasks, max: 110, where });
  const resources = list({ entries: plan.resources, shown: SHOWN.resources, max: 110, where });
  return [
    plan.tasks.length === 0
      ? `*${heading}*\nNo follow-up tasks.`
      : `*${heading}: ${tasksWord(plan.tasks.length)}*`,
    ...tasks,
    ...(resources.length > 0 ? ["", "*Needs*", ...resources] : []),
  ].join("\n");
}

interface PlanInput {
  plan: Plan;
  isApproved: boolean;
  where: string;
}

function list({ entries, shown, max, where }: ListInput): string[] {
  const lines = entries.slice(0, shown).map((entry) => `• ${inertLine(entry, max, where)}`);
  const more = rest(entries.length, shown);
  return more > 0 ? [...lines, `… and ${more} more (${where})`] : lines;
}

interface ListInput {
  entries: string[];
  shown: number;
  max: number;
  where: string;
}

export function tasksWord(count: number): string {
  return count === 1 ? "1 task" : `${count} tasks`;
}

/** Says what people changed in Notion after the advisers spoke; null when the plan is theirs. */
export function changedInNotion({ proposal, analysis, reopening }: DecisionRecord): string | null {
  const original = planOf(analysis.frame, analysis.synthesis);
  const words: [keyof Plan, string][] = [
    ["recommendedOption", "the recommended option"],
    ["options", "the options"],
    ["riskAssessment", "the risk assessment"],
    ["resources", "the resources"],
    ["tasks", "the tasks"],
  ];
  const changed = words.filter(([key]) => JSON.stringify(original[key]) !== JSON.stringify(proposal[key]));
  if (changed.length === 0) return null;
  const where = reopening === null ? "in Notion" : "by people";
  return `Changed ${where} after the advisers spoke: ${changed.map(([, word]) => word).join(", ")}.`;
}

/** Cost, who asked, until when, and the way to Notion. */
export function footLines(decision: DecisionRecord): string[] {
  const { analysis } = decision;
  const calls = analysis.calls.length === 1 ? "1 call" : `${analysis.calls.length} calls`;
  const pending = decision.state.kind === "pending";
  const facts = [
    `Cost ${dollars(analysis.costUsd)} · ${calls}`,
    decision.requestedBy === null ? null : `Asked by ${mention(decision.requestedBy)}`,
    pending && decision.expiresAt !== null ? `Open until ${moment(decision.expiresAt)}` : null,
  ];
  const asked = pending ? (decision.escalation ?? null) : null;
  const links = [link(decision.pipeUrl, "Plan in Notion"), link(decision.intentUrl, "Intent in Notion")];
  return [
    facts.filter((fact) => fact !== null).join(" · "),
    ...(asked === null ? [] : [`Escalated to ${callOut(asked.to)}, who may decide too, ${moment(asked.at)}`]),
    links.join(" · "),
  ];
}

/** Small amounts keep the digits that tell them from nothing. */
export function dollars(usd: number): string {
  if (!Number.isFinite(usd)) return "no data";
  if (usd > 0 && usd < 0.01) return `$${usd.toFixed(4)}`;
  return `$${usd.toFixed(2)}`;
}

/** A person's name, inert. */
export function nameOf(person: Person): string {
  const name = inertLine(person.name, 80) || "somebody";
  return person.for === undefined ? name : `${name} for ${inertLine(person.for.name, 80) || "somebody"}`;
}

const VERDICT_WORDS: Record<Outcome["verdict"], string> = {
  approved: "Approved",
  edited: "Approved with changes",
  rejected: "Rejected",
  expired: "Expired",
  withdrawn: "Withdrawn",
};

export function verdictWord(verdict: Outcome["verdict"]): string {
  return VERDICT_WORDS[verdict];
}

/** Everybody whose decision it is, inert. */
export function decidersOf(outcome: Pick<Outcome, "by" | "approvals">): string {
  return whoDecided(outcome).map(nameOf).join(" and ");
}

function ownRequestWords({ approvals = [] }: Outcome): string {
  return approvals.length > 1 ? "One of them had asked for it." : "Decided on their own request.";
}

function breakGlassWords({ by, approvals = [] }: Outcome): string {
  const who = nameOf(approvals.find(({ breakGlass }) => breakGlass !== undefined)?.by ?? by);
  return `⚠️ *Break-glass*: ${who} approved their own request, which this workspace forbids.`;
}

/** "Approved by Dana, 21 Nov at 12:00", the reason, and what is to be carried out. */
export function outcomeLines(outcome: Outcome, where: string): string[] {
  const by = outcome.verdict === "expired" ? "" : ` by ${decidersOf(outcome)}`;
  const via = outcome.via === "notion" ? ", in Notion" : "";
  const lines = [`*${verdictWord(outcome.verdict)}*${by}${via}, ${moment(outcome.at)}`];
  if (outcome.breakGlass) lines.push(breakGlassWords(outcome));
  else if (outcome.selfApproved) lines.push(ownRequestWords(outcome));
  if (outcome.reason !== null && outcome.reason.trim() !== "") {
    // In one line, so that no line of it passes for one of ours.
    lines.push(`Reason: ${inertLine(outcome.reason, 600, where)}`);
  }
  if (outcome.final !== null) {
    lines.push(`Goes ahead: ${inertLine(optionName(outcome.final, outcome.final.recommendedOption), 160)}`);
  }
  if (outcome.verdict === "expired" && outcome.reason === null) lines.push("Nobody decided in time.");
  if (outcome.verdict === "withdrawn" || outcome.verdict === "expired") lines.push("Nothing is carried out.");
  return lines;
}
