/**
 * Asks, some time after a decision was carried out, whether it was right, and keeps the answer in Training Data. What is
 * due follows from the store alone, so that nothing sleeps in between: every poll looks, also while polls are paused. A
 * question that could not be asked is tried at the next look, as long as it is still its time.
 */
import { DAY_MS } from "../domain/calendar.ts";
import type { DecisionRecord } from "../domain/decision.ts";
import { BOT } from "../domain/decision-life.ts";
import {
  afterWords,
  dueReview,
  REVIEW_OPEN_DAYS,
  type Review,
  type ReviewAnswer,
  type ReviewClick,
  type ReviewResult,
  reviewEnd,
  reviewedOutcome,
} from "../domain/review.ts";
import type { WorkflowDeps } from "./deps.ts";
import { inParallel, registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";

export interface Reviews {
  /** `tick` names the look; the same look asks once, on whichever replica is first. */
  look(tick: string): Promise<void>;
  find(decisionId: string, days: number): Promise<Review | null>;
  /** Durable once it returns. Who may answer was checked before. */
  answer(click: ReviewClick): Promise<ReviewResult>;
}

interface Claim {
  id: string;
  days: number;
  answer: ReviewAnswer;
  /** Names the caller, so that the winner knows itself. */
  token: string;
}

type Claimed = { kind: "won"; answer: ReviewAnswer; token: string } | { kind: "void"; result: ReviewResult };

/** A team that was away is not buried: the rest is asked by the next polls. */
const ASKED_AT_ONCE = 10;

export function registerReviews(deps: WorkflowDeps): Reviews {
  const { books, reviews, now } = deps;
  const { book, place, afterDays } = reviews;
  const answerOnce = registerAnswer(deps);

  const ask = registerWorkflow("review-ask", async (id: string, days: number): Promise<void> => {
    const how = await stepOnce(`ask:${id}:${days}`, () => askAbout(deps, id, days));
    if (how !== null)
      await audit(deps, { id, actor: BOT, action: `decision.review-${how}`, detail: afterWords(days) });
  });

  const end = registerWorkflow("review-end", async (id: string, days: number): Promise<void> => {
    const how = await stepOnce(`end:${id}:${days}`, () => endQuestion(deps, id, days));
    if (how !== null)
      await audit(deps, { id, actor: BOT, action: `decision.review-${how}`, detail: afterWords(days) });
    await stepOnce(`draw:${id}:${days}`, () => draw(deps, id, days));
  });

  return {
    async look(tick) {
      const moment = now();
      const waiting = await book.waiting(moment, afterDays);
      const due = waiting.flatMap((one) => {
        const days = dueReview(one, moment, { place, afterDays });
        return days === null ? [] : [{ id: one.id, days }];
      });
      for (const { id, days } of due.slice(0, ASKED_AT_ONCE))
        await startOnce(`review-ask:${id}:${days}:${tick}`, ask, id, days);
      const over = [...(await book.overdue(moment)), ...(await book.undrawn())];
      for (const { decisionId: id, days } of over)
        await startOnce(`review-end:${id}:${days}:${tick}`, end, id, days);
    },
    find: book.find,
    async answer({ decisionId: id, days, verdict, note, by, token }) {
      const standing = whyClosed(await book.find(id, days), await books.decisions.find(id), now());
      if (standing !== null) return standing;
      const answer = { verdict, note, by, at: now().toISOString() };
      const started = await startOnce(`review-answer:${id}:${days}`, answerOnce, { id, days, answer, token });
      const claimed = await started.result();
      if (claimed.kind === "void") return claimed.result;
      if (claimed.token === token) return { kind: "accepted" };
      return { kind: "already-answered", answer: claimed.answer };
    },
  };
}

/** The first answer wins for ever; what follows from it is a workflow of its own. */
function registerAnswer(deps: WorkflowDeps) {
  const { book } = deps.reviews;

  const record = registerWorkflow("review-record", async (id: string, days: number): Promise<void> => {
    // Neither waits for the other: Slack may be away for hours, and so may Notion.
    await inParallel([
      step(`draw:${id}:${days}`, () => draw(deps, id, days)),
      step(`training:${id}:${days}`, () => writeTraining(deps, id, days)),
    ]);
  });

  return registerWorkflow("review-answer", async (claim: Claim): Promise<Claimed> => {
    const { id, days, answer, token } = claim;
    const lost = await step(`claim:${id}:${days}`, async (): Promise<ReviewResult | null> => {
      if (await book.answer(id, days, answer)) return null;
      // Only this workflow ever answers this question: then it was us, before a crash.
      const review = await book.find(id, days);
      if (review?.state.kind === "answered") return null;
      return whyClosed(review, null, deps.now()) ?? { kind: "not-found" };
    });
    if (lost) return { kind: "void", result: lost };
    await startOnce(`review-record:${id}:${days}`, record, id, days);
    const actor = answer.by.slackId ?? answer.by.name;
    const note = answer.note === null ? "" : `: ${answer.note}`;
    const detail = `${answer.verdict}, ${afterWords(days)}${note}`;
    await audit(deps, { id, actor, action: "decision.reviewed", detail });
    return { kind: "won", answer, token };
  });
}

function audit(
  { books }: WorkflowDeps,
  { id, ...entry }: { id: string; actor: string; action: string; detail: string },
): Promise<void> {
  return step(`audit-${entry.action}:${id}`, () =>
    books.audit.record({ ...entry, subject: id, outcome: "done" }),
  );
}

/** null while it can be answered. */
function whyClosed(review: Review | null, decision: DecisionRecord | null, now: Date): ReviewResult | null {
  if (review === null) return { kind: "not-found" };
  const { state } = review;
  if (state.kind === "answered") return { kind: "already-answered", answer: state.answer };
  if (state.kind !== "asked") return { kind: "ended", why: state.kind };
  const over = reviewEnd(review, decision, now);
  return over === null ? null : { kind: "ended", why: over };
}

/** One at a time for each decision: whoever comes second sees what the first one asked. */
function askAbout(
  { books, exclusive, now, reviews }: WorkflowDeps,
  id: string,
  days: number,
): Promise<"asked" | "unasked" | null> {
  const { book, board, place, afterDays } = reviews;
  return exclusive(`review:${id}`, async () => {
    const decision = await books.decisions.find(id);
    const outcome = decision === null ? null : reviewedOutcome(decision);
    if (decision?.card == null || outcome === null) return null;
    const moment = now();
    const known = { decidedAt: outcome.at, asked: await book.asked(id) };
    if (dueReview(known, moment, { place, afterDays }) !== days) return null;
    const endsAt = new Date(moment.getTime() + REVIEW_OPEN_DAYS * DAY_MS).toISOString();
    const { card } = decision;
    const message = await board.ask(`review:${id}:${days}`, { decision, card, days, endsAt });
    const askedAt = moment.toISOString();
    const asked = { decisionId: id, days, askedAt, endsAt };
    // Noted all the same, so that it is not tried again at every poll.
    if (message === null)
      await book.note({ ...asked, message: card, state: { kind: "unanswered", at: askedAt } });
    else await book.note({ ...asked, message, state: { kind: "asked" } });
    return message === null ? "unasked" : "asked";
  });
}

/** How it ended, when it was ended here. */
async function endQuestion(
  { books, now, reviews }: WorkflowDeps,
  id: string,
  days: number,
): Promise<"unanswered" | "dropped" | null> {
  const review = await reviews.book.find(id, days);
  if (review?.state.kind !== "asked") return null;
  const how = reviewEnd(review, await books.decisions.find(id), now());
  if (how === null) return null;
  return (await reviews.book.end(id, days, how, now().toISOString())) ? how : null;
}

async function draw({ books, reviews }: WorkflowDeps, id: string, days: number): Promise<void> {
  const review = await reviews.book.find(id, days);
  const decision = await books.decisions.find(id);
  if (review === null || decision === null || review.state.kind === "asked") return;
  await reviews.board.show(review, decision);
  await reviews.book.drawn(id, days);
}

async function writeTraining({ books, notion, reviews, rules }: WorkflowDeps, id: string, days: number) {
  const review = await reviews.book.find(id, days);
  const decision = await books.decisions.find(id);
  if (review?.state.kind !== "answered" || decision === null) return;
  const { answer } = review.state;
  const advisers = decision.analysis.advice.map(({ adviser }) => adviser);
  const final = "outcome" in decision.state ? decision.state.outcome.final : null;
  await notion.records.createReview(
    {
      title: decision.title,
      intentId: decision.intentId,
      adviser: advisers.length === 1 ? (advisers[0] ?? "") : "Dialectic",
      original: decision.proposal,
      final,
      model: rules.model,
      days,
      answer,
    },
    { key: `review:${id}:${days}` },
  );
}
