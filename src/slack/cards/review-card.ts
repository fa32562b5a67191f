/** "Was this right?" in the thread of a decision: the question, and how it ended. Pure. */
import type { DecisionRecord } from "../../domain/decision.ts";
import {
  involvedIn,
  REVIEW_OPEN_DAYS,
  REVIEW_VERDICTS,
  type Review,
  type ReviewResult,
  type ReviewVerdict,
} from "../../domain/review.ts";
import { encodeReviewValue, REVIEW_BUTTONS } from "../ids.ts";
import { inertLine, moment, oneLine } from "../limits.ts";
import { actions, button, context, type Message, section } from "./blocks.ts";
import { decidersOf, nameOf, optionName } from "./decision-parts.ts";
import { callOut } from "./people.ts";

export const REVIEW_WORDS: Record<ReviewVerdict, string> = {
  right: "Right",
  partly: "Partly right",
  wrong: "Wrong",
};

interface Asked extends Pick<Review, "days" | "endsAt"> {
  decision: DecisionRecord;
}

export function reviewQuestion({ decision, days, endsAt }: Asked): Message {
  const called = involvedIn(decision);
  const who = called.length === 0 ? "" : `${callOut(called)}: `;
  const value = encodeReviewValue({ id: decision.id, days });
  const buttons = REVIEW_VERDICTS.map((verdict) =>
    button({
      action: REVIEW_BUTTONS[verdict],
      text: REVIEW_WORDS[verdict],
      value,
      label: `${REVIEW_WORDS[verdict]}: ${oneLine(decision.title) || "this decision"}`,
    }),
  );
  const terms = `The first answer counts. Approvers, whoever decided and whoever asked can give it until ${moment(endsAt)}; it is kept in Training Data.`;
  return {
    text: `${who}was this right? ${decidedWords(decision, days)}`,
    blocks: [
      section("question", `${who}*was this right?*\n${decidedWords(decision, days)}`),
      actions("answers", buttons),
      context("terms", terms),
    ],
  };
}

/** What was decided, and how long ago, for who is asked about it. */
export function decidedWords(decision: DecisionRecord, days: number): string {
  const { state } = decision;
  const title = inertLine(oneLine(decision.title) || "Decision", 200).replace(/\*/g, "∗");
  const ago = days === 1 ? "1 day ago" : `${days} days ago`;
  const outcome = "outcome" in state ? state.outcome : null;
  if (outcome === null) return `${ago}: ${title}`;
  const option = outcome.final === null ? null : optionName(outcome.final, outcome.final.recommendedOption);
  const chosen = option === null ? "" : `\nWhat went ahead: ${inertLine(option, 160)}`;
  return `${ago} ${decidersOf(outcome)} approved: *${title}*${chosen}`;
}

/** In the place of the question, once it has ended. */
export function reviewEnded({ state, days }: Review, decision: DecisionRecord): Message {
  const asked = `Was this right? ${decidedWords(decision, days)}`;
  const end = endWords(state);
  return {
    text: `${asked}\n${end}`,
    blocks: [section("asked", asked), section("end", end)],
  };
}

function endWords(state: Review["state"]): string {
  switch (state.kind) {
    case "asked":
      return "Nobody has answered yet.";
    case "answered": {
      const { verdict, note, by, at } = state.answer;
      const said = `*${REVIEW_WORDS[verdict]}*, said ${nameOf(by)}, ${moment(at)}`;
      return note === null ? said : `${said}\nNote: ${inertLine(note, 2_000, "whole text in Notion")}`;
    }
    case "unanswered":
      return `*Not answered* within ${REVIEW_OPEN_DAYS} days, ${moment(state.at)}`;
    case "dropped":
      return `*Not answered*: the decision was reopened, ${moment(state.at)}`;
  }
}

export const UNKNOWN_REVIEW = "I do not know this question any more, so nothing was changed.";

export const REVIEW_NOT_LISTED =
  "Only approvers, whoever decided and whoever asked can say whether this was right.";

/** null when the answer counts: the message itself says so. */
export function reviewSentence(result: ReviewResult): string | null {
  switch (result.kind) {
    case "accepted":
      return null;
    case "already-answered": {
      const { verdict, by, at } = result.answer;
      const said = REVIEW_WORDS[verdict].toLowerCase();
      return `Already answered: ${nameOf(by)} said "${said}", ${moment(at)}. The first answer counts; yours changed nothing.`;
    }
    case "ended":
      return result.why === "dropped"
        ? "This decision was reopened, so there is nothing left to judge. Nothing was changed."
        : `Too late: nobody answered within ${REVIEW_OPEN_DAYS} days, and the question was closed. Nothing was changed.`;
    case "not-found":
      return UNKNOWN_REVIEW;
  }
}
