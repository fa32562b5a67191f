/** How a decision ended, said under its card and to whoever asked for it. Pure; inert mrkdwn. */
import type { Outcome } from "../../domain/decision.ts";
import { speaksForIntent } from "../../domain/reopening.ts";
import type { DecisionInShort } from "../../workflows/ports.ts";
import { inertLine, link, mention, oneLine } from "../limits.ts";
import { outcomeLines, tasksWord } from "./decision-parts.ts";

/** The last word in the thread of the card, with the ways to Notion. */
export function decidedNote(decision: DecisionInShort): string {
  const ended = endOf(decision);
  if (ended === null) return `${titleOf(decision)} is open.`;
  return [titleOf(decision), ...ended, linksOf(decision)].join("\n");
}

/** In a thread among others the asker is named, so that Slack tells them; not when they ended it themselves. */
export function requesterNote({ decision, to, requestedBy }: RequesterNote): string {
  const { cardUrl } = decision;
  const isOwn = outcomeOf(decision)?.by.slackId === requestedBy;
  const asked = to === null || isOwn ? "" : `${mention(requestedBy)}: `;
  const card = cardUrl === null ? [] : [link(cardUrl, "The card")];
  return [
    `${asked}${link(cardUrl, titleOf(decision))}`,
    ...(endOf(decision) ?? ["It is open."]),
    [...card, linksOf(decision)].join(" · "),
  ].join("\n");
}

interface RequesterNote {
  decision: DecisionInShort;
  /** null = a direct message. */
  to: object | null;
  requestedBy: string;
}

function outcomeOf({ state }: DecisionInShort): Outcome | null {
  return "outcome" in state ? state.outcome : null;
}

function endOf(decision: DecisionInShort): string[] | null {
  const outcome = outcomeOf(decision);
  if (outcome === null) return null;
  const { state } = decision;
  const lines = outcomeLines(outcome, "whole text in Notion");
  if (!speaksForIntent(outcome, decision)) lines.push("What was decided before goes on to stand.");
  if (state.kind === "recorded" && outcome.final !== null && state.taskCount > 0) {
    lines.push(`${tasksWord(state.taskCount)} created${state.projectUrl === null ? "" : " in a project"}.`);
  }
  return lines;
}

function linksOf({ pipeUrl, intentUrl, state }: DecisionInShort): string {
  const projectUrl = state.kind === "recorded" ? state.projectUrl : null;
  return [
    link(pipeUrl, "Plan in Notion"),
    link(intentUrl, "Intent in Notion"),
    ...(projectUrl === null ? [] : [link(projectUrl, "Project in Notion")]),
  ].join(" · ");
}

function titleOf({ title }: DecisionInShort): string {
  return inertLine(oneLine(title) || "Decision", 200);
}
