/**
 * Asks, some time after a decision was carried out, whether it was right, and keeps the answer in Training Data. What is
 * due follows from the store alone, so that nothing sleeps in between: every poll looks, also while polls are paused. A
 * question that could not be asked is tried at the next look, as long as it is still its time.
 */
import { DAY_MS } from "../domain/calendar.ts";
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
import { followersOf, isStanding } from "./reopen.ts";

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
  const { now } = deps;
  const { book } = deps.reviews;
  const answerOnce = registerAnswer(deps);

  const ask = registerWorkflow("review-ask", async (id: string, days: number): Promise<void> => {
    const how = await stepOnce(`ask:${id}:${days}`, () => askAbout(deps, id, days));
    if (how !== null) await auditQuestion(deps, { id, days, how });
  });

  const end = registerWorkflow("review-end", async (id: string, days: number): Promise<void> => {
    const how = await stepOnce(`end:${id}:${days}`, () => endQuestion(deps, id, days));
    if (how !== null) await auditQuestion(deps, { id, days, how });
    await stepOnce(`draw:${id}:${days}`, () => draw(deps, id, days));
  });

  return {
    async look(tick) {
      const moment = now();
      for (const { id, days } of await dueNow(deps, moment))
        await startOnce(`review-ask:${id}:${days}:${tick}`, ask, id, days);
      const over = [...(await overNow(deps, moment)), ...(await book.undrawn())];
      for (const { decisionId: id, days } of over)
        await startOnce(`review-end:${id}:${days}:${tick}`, end, id, days);
    },
    find: book.find,
    async answer({ decisionId: id, days, verdict, note, by, token }) {
      const review = await book.find(id, days);
      const closed = whyClosed(review, await isStanding(deps, id), now());
      if (closed !== null) return closed;
      const answer = { verdict, note, by, at: now().toISOString() };
      // Somebody may have answered the earlier question at the moment at which it was dropped.
      const after = review?.state.kind === "asked" ? again(review.state.after) : "";
      const key = `review-answer:${id}:${days}${after}`;
      const started = await startOnce(key, answerOnce, { id, days, answer, token });
      const claimed = await started.result();
      if (claimed.kind === "void") return claimed.result;
      if (claimed.token === token) return { kind: "accepted" };
      return { kind: "already-answered", answer: claimed.answer };
    },
  };
}

/** Names what is asked once more. */
function again(droppedAt: string | undefined): string {
  return droppedAt === undefined ? "" : `:${droppedAt}`;
}

async function dueNow(deps: WorkflowDeps, moment: Date): Promise<{ id: string; days: number }[]> {
  const { book, place, afterDays } = deps.reviews;
  const due: { id: string; days: number }[] = [];
  for (const one of await book.waiting(moment, afterDays)) {
    if (due.length === ASKED_AT_ONCE) break;
    const days = dueReview(one, moment, { place, afterDays });
    if (days !== null && (await isStanding(deps, one.id))) due.push({ id: one.id, days });
  }
  return due;
}

async function overNow(deps: WorkflowDeps, moment: Date): Promise<Review[]> {
  const over: Review[] = [];
  for (const review of await deps.reviews.book.overdue(moment))
    if (reviewEnd(review, await isStanding(deps, review.decisionId), moment) !== null) over.push(review);
  return over;
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
      return whyClosed(review, true, deps.now()) ?? { kind: "not-found" };
    });
    if (lost) return { kind: "void", result: lost };
    await startOnce(`review-record:${id}:${days}`, record, id, days);
    const actor = answer.by.slackId ?? answer.by.name;
    const note = answer.note === null ? "" : `: ${answer.note}`;
    const detail = `${answer.verdict}, ${afterWords(days)}${note}`;
    await step(`audit-decision.reviewed:${id}`, () =>
      deps.books.audit.record({
        ...{ actor, action: "decision.reviewed", subject: id, outcome: "done", detail },
        at: answer.at,
      }),
    );
    return { kind: "won", answer, token };
  });
}

/** With the moment that the book has: whoever is cut off in between writes it down once. */
function auditQuestion(
  deps: WorkflowDeps,
  { id, days, how }: { id: string; days: number; how: "asked" | "unasked" | "unanswered" | "dropped" },
): Promise<void> {
  const action = `decision.review-${how}`;
  return step(`audit-${action}:${id}`, async () => {
    const review = await deps.reviews.book.find(id, days);
    const state = review?.state;
    const endedAt = state?.kind === "unanswered" || state?.kind === "dropped" ? state.at : undefined;
    const at = how === "asked" ? review?.askedAt : endedAt;
    await deps.books.audit.record({
      ...{ actor: BOT, action, subject: id, outcome: "done", detail: afterWords(days) },
      ...(at !== undefined && { at }),
    });
  });
}

/** null while it can be answered. */
function whyClosed(review: Review | null, standing: boolean, now: Date): ReviewResult | null {
  if (review === null) return { kind: "not-found" };
  const { state } = review;
  if (state.kind === "answered") return { kind: "already-answered", answer: state.answer };
  if (state.kind !== "asked") return { kind: "ended", why: state.kind };
  const over = reviewEnd(review, standing, now);
  return over === null ? null : { kind: "ended", why: over };
}

/** One at a time for each decision: whoever comes second sees what the first one asked. */
function askAbout(deps: WorkflowDeps, id: string, days: number): Promise<"asked" | "unasked" | null> {
  const { books, exclusive, now } = deps;
  const { book, board, place, afterDays } = deps.reviews;
  return exclusive(`review:${id}`, async () => {
    const decision = await books.decisions.find(id);
    const outcome = decision && reviewedOutcome(decision, await followersOf(deps, decision));
    if (!decision?.card || outcome === null) return null;
    const moment = now();
    const known = { decidedAt: outcome.at, asked: await book.asked(id) };
    if (dueReview(known, moment, { place, afterDays }) !== days) return howAsked(await book.find(id, days));
    const endsAt = new Date(moment.getTime() + REVIEW_OPEN_DAYS * DAY_MS).toISOString();
    const { card } = decision;
    const before = (await book.find(id, days))?.state;
    const after = before?.kind === "dropped" ? before.at : undefined;
    const key = `review:${id}:${days}${again(after)}`;
    const message = await board.ask(key, { decision, card, days, endsAt });
    const askedAt = moment.toISOString();
    const asked = { decisionId: id, days, askedAt, endsAt };
    // Noted all the same, so that it is not tried again at every poll.
    if (message === null)
      await book.note({ ...asked, message: card, state: { kind: "unanswered", at: askedAt } });
    else await book.note({ ...asked, message, state: { kind: "asked", ...(after && { after }) } });
    return message === null ? "unasked" : "asked";
  });
}

/** By a step that was cut off before it could say so. */
function howAsked(review: Review | null): "asked" | "unasked" | null {
  if (review?.state.kind === "asked") return "asked";
  return review?.state.kind === "unanswered" && review.state.at === review.askedAt ? "unasked" : null;
}

/** How it ended, here or in a step that was cut off; null while it goes on, and once it is answered. */
async function endQuestion(
  deps: WorkflowDeps,
  id: string,
  days: number,
): Promise<"unanswered" | "dropped" | null> {
  const { now, reviews } = deps;
  const review = await reviews.book.find(id, days);
  if (review === null || review.state.kind === "answered") return null;
  if (review.state.kind !== "asked") return review.state.kind;
  const how = reviewEnd(review, await isStanding(deps, id), now());
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
