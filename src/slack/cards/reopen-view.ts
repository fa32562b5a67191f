/** The form behind Reopen, and what is said of decisions that are decided again. Pure; inert mrkdwn. */
import type { DecisionRecord, EarlierDecision, Outcome } from "../../domain/decision.ts";
import { leavesEarlierStanding, type ReopenResult } from "../../domain/reopening.ts";
import { encodeDecisionValue, INPUTS, VIEWS } from "../ids.ts";
import { inert, inertLine, LIMITS, link, moment, oneLine, sentence } from "../limits.ts";
import { type Modal, plain, section, textInput } from "./blocks.ts";
import { nameOf, tasksWord, verdictWord } from "./decision-parts.ts";

export function reopenView(decision: DecisionRecord): Modal {
  const title = inertLine(oneLine(decision.title) || "Decision", 200).replace(/\*/g, "∗");
  const { state } = decision;
  const outcome = "outcome" in state ? state.outcome : null;
  const stands = outcome === null ? "" : `${verdictWord(outcome.verdict)}, ${moment(outcome.at)}. `;
  return {
    type: "modal",
    callback_id: VIEWS.reopen,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: decision.hash }),
    title: plain("Reopen", LIMITS.viewTitle),
    submit: plain("Reopen", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        `*${title}*\n${stands}A new card puts the same plan to the vote. Until it is decided again, what was decided stands; nothing in Notion is taken back.`,
      ),
      textInput({
        ...INPUTS.reopenReason,
        label: "Why decide again?",
        hint: "Shown on both cards and kept in the Execution Log.",
        initial: "",
        optional: false,
        multiline: true,
      }),
    ],
  };
}

/** On the new card: what is decided again, why, and what there is already. Empty on every other card. */
export function reopeningLines({ reopening, state }: DecisionRecord): string[] {
  if (reopening === null) return [];
  const { by, at, reason, earlier } = reopening;
  const outcome = "outcome" in state ? state.outcome : null;
  return [
    `*Reopened* by ${nameOf(by)}, ${moment(at)}`,
    `Reason: ${inert(oneLine(reason), 400, "whole text in the Execution Log")}`,
    `${standsWord(outcome)}: ${earlierWords(earlier)}`,
    ...earlierTasks(earlier, outcome),
  ];
}

function standsWord(outcome: Outcome | null): string {
  if (outcome === null) return "Until it is decided again, this stands";
  return leavesEarlierStanding(outcome.verdict) ? "This goes on to stand" : "Before";
}

function earlierWords({ verdict, by, at, cardUrl }: EarlierDecision): string {
  const who = verdict === "expired" ? "" : ` by ${nameOf(by)}`;
  return `${link(cardUrl, `${verdictWord(verdict)}${who}`)}, ${moment(at)}`;
}

function earlierTasks({ tasks, tasksUrl }: EarlierDecision, outcome: Outcome | null): string[] {
  if (tasks.length === 0) return [];
  const isOne = tasks.length === 1;
  const where = `${tasksWord(tasks.length)} made for it ${isOne ? "stays" : "stay"} in ${link(tasksUrl, "Notion")}`;
  if (outcome?.verdict === "rejected") return [`${where}: close there what is no longer wanted.`];
  return [`${where}; ${isOne ? "the same one is" : "the same ones are"} not made again.`];
}

/** On the old card; `url` of the new one, once there is one. Empty when it was not reopened. */
export function reopenedLines(
  { reopenedAs }: Pick<DecisionRecord, "reopenedAs">,
  url: string | null,
): string[] {
  if (reopenedAs === null) return [];
  const { by, at, reason } = reopenedAs;
  const why = sentence(inert(oneLine(reason), 400, "whole text in the Execution Log"));
  return [`*Reopened* by ${nameOf(by)}, ${moment(at)}: ${why} See ${link(url, "the new card")}.`];
}

export const REOPENED = {
  title: "Reopened",
  sentence:
    "The new card comes into the channel as soon as Notion and Slack have taken it; this one links to it.",
};

/** null when it was done. */
export function reopenSentence(result: ReopenResult): string | null {
  switch (result.kind) {
    case "accepted":
      return null;
    case "already-reopened": {
      const where =
        result.cardUrl === null
          ? "The new card is on its way"
          : `Please see ${link(result.cardUrl, "the new card")}`;
      return `${nameOf(result.by)} reopened this already, ${moment(result.at)}. ${where}; your click changed nothing.`;
    }
    case "not-settled":
      return "This is not settled yet, so there is nothing to reopen.";
    case "replaced":
      return "This plan was replaced by another version; please use that card. Nothing was changed.";
    case "not-found":
      return "I do not know this decision any more, so nothing was changed.";
  }
}
