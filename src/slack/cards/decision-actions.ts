/** What can be clicked on a decision card, by state. Pure; every label inert and clipped. */
import type { types } from "@slack/bolt";
import { hadOneAdviser } from "../../domain/analysis.ts";
import { type DecisionRecord, shownHash, shownPlan } from "../../domain/decision.ts";
import { slackRequester } from "../../domain/talk.ts";
import { ACTIONS, encodeDecisionValue, encodeMoreValue, encodeOptionValue, MORE } from "../ids.ts";
import { oneLine } from "../limits.ts";
import { type ActionElement, actions, type Block, button, overflow, select } from "./blocks.ts";

type Naming = (name: string) => string;

/** The rows below an open decision: deciding, then asking and changing. */
export function pendingActions(decision: DecisionRecord, id: Naming): Block[] {
  const given = decision.approvals.some((approval) => !approval.voided);
  return [
    actions(id("actions"), [...decisionButtons(decision), ...(given ? [undoButton(decision)] : [])]),
    actions(id("more"), askingElements(decision)),
  ];
}

/** While a decision can be taken back. */
export function undoableActions(decision: DecisionRecord, id: Naming): Block[] {
  return [actions(id("actions"), [undoButton(decision), detailsButton(decision)])];
}

/** Once nothing can be taken back any more. */
export function settledActions(decision: DecisionRecord, id: Naming): Block[] {
  const { state, reopenedAs } = decision;
  const canReopen = state.kind === "recorded" && reopenedAs === null;
  return [actions(id("actions"), [detailsButton(decision), ...(canReopen ? [reopenButton(decision)] : [])])];
}

/** Wherever a decision can be made. */
export function decisionButtons(decision: DecisionRecord): types.Button[] {
  const value = clickValue(decision);
  const name = titleOf(decision);
  return [
    button({ action: ACTIONS.approve, text: "Approve", value, label: `Approve: ${name}`, style: "primary" }),
    button({ action: ACTIONS.edit, text: "Edit", value, label: `Edit and approve: ${name}` }),
    button({ action: ACTIONS.reject, text: "Reject", value, label: `Reject: ${name}`, style: "danger" }),
    detailsButton(decision),
  ];
}

export function detailsButton(decision: DecisionRecord): types.Button {
  const label = `Full analysis: ${titleOf(decision)}`;
  return button({ action: ACTIONS.details, text: "Details", value: clickValue(decision), label });
}

export function undoButton(decision: DecisionRecord): types.Button {
  const label = `Take back: ${titleOf(decision)}`;
  return button({ action: ACTIONS.undo, text: "Undo", value: clickValue(decision), label });
}

function reopenButton(decision: DecisionRecord): types.Button {
  const label = `Decide again: ${titleOf(decision)}`;
  return button({ action: ACTIONS.reopen, text: "Reopen", value: clickValue(decision), label });
}

function askingElements(decision: DecisionRecord): ActionElement[] {
  const others = otherOptions(decision);
  const more = moreEntries(decision);
  const label = `Ask for more information: ${titleOf(decision)}`;
  return [
    ...(others.length > 0 ? [select(ACTIONS.option, "Another option…", others)] : []),
    button({ action: ACTIONS.moreInfo, text: "More info", value: clickValue(decision), label }),
    ...(more.length > 0 ? [overflow(ACTIONS.more, more)] : []),
  ];
}

function otherOptions(decision: DecisionRecord) {
  const { id } = decision;
  const hash = shownHash(decision);
  const plan = shownPlan(decision);
  return plan.options
    .filter((option) => option.id !== plan.recommendedOption)
    .map((option) => ({
      text: `${option.id}. ${oneLine(option.title)}`,
      value: encodeOptionValue({ option: option.id, id, hash }),
    }));
}

function moreEntries(decision: DecisionRecord) {
  const value = { id: decision.id, hash: shownHash(decision) };
  const dialectic = {
    text: "Run the dialectic",
    value: encodeMoreValue({ ...value, entry: MORE.dialectic }),
  };
  const withdraw = { text: "Withdraw request", value: encodeMoreValue({ ...value, entry: MORE.withdraw }) };
  return [
    ...(hadOneAdviser(decision.analysis) ? [dialectic] : []),
    ...(canBeWithdrawn(decision) ? [withdraw] : []),
  ];
}

/** By somebody who is there to click. */
function canBeWithdrawn(decision: DecisionRecord): boolean {
  return slackRequester(decision) !== null || Boolean(decision.reopening?.by.slackId);
}

function clickValue(decision: DecisionRecord): string {
  return encodeDecisionValue({ id: decision.id, hash: shownHash(decision) });
}

function titleOf(decision: DecisionRecord): string {
  const text = oneLine(decision.title);
  return text === "" ? "Decision" : text;
}
