/** "Was this right?" and Reopen as people meet them: who may, what the forms say, and what a click finds too late. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { earlierOf, isSettled, type ReopenResult } from "../../src/domain/reopening.ts";
import type { Review, ReviewResult, ReviewState } from "../../src/domain/review.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { reopenedLines, reopenSentence, reopenView } from "../../src/slack/cards/reopen-view.ts";
import { reviewEnded, reviewQuestion, reviewSentence } from "../../src/slack/cards/review-card.ts";
import { readReview, reviewView } from "../../src/slack/cards/review-view.ts";
import { anyDecision, HOSTILE, text } from "../domain/arbitrary-decision.ts";
import { outcome, plan } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

const AT = "2026-11-21T12:00:00.000Z";
const ENDS = "2027-01-04T12:00:00.000Z";

let office: SlackOffice;
let record: DecisionRecord;
let review: Review;

const recorded = (by = people.dana) =>
  ({
    kind: "recorded",
    outcome: outcome({ by: { slackId: by, name: "Decider" } }),
    recordedAt: AT,
    taskCount: 3,
    projectUrl: null,
    acceptanceRate: 1,
  }) as const;

beforeAll(async () => {
  office = await openOffice();
  office.slack.hasRateLimits = false;
});

afterAll(() => office.close());

beforeEach(async () => {
  const { books, bot } = office;
  const id = `pipe-${books.decisions.size}`;
  record = await office.postCard({ id, state: recorded(), requestedBy: people.lee });
  const card = record.card ?? { channel: "", ts: "" };
  const question = { decision: record, card, days: 30, endsAt: ENDS };
  const message = (await bot.reviewBoard.ask(`review:${id}:30`, question)) ?? card;
  const state: ReviewState = { kind: "asked" };
  review = { decisionId: id, days: 30, askedAt: AT, endsAt: ENDS, message, state };
  books.reviews.push(review);
  books.audit.length = 0;
  books.answers.length = 0;
  books.reopenings.length = 0;
});

afterEach(async () => {
  for (const user of Object.values(people)) await office.slack.closeModal(user);
});

const told = (user: string) =>
  office.slack.messages(channels.leadership).filter((one) => one.visibleTo === user);

/** What a click leads to: the form that opens, or what the person is told. */
async function outcomeOf(user: string, actionId: string, on = review.message): Promise<string> {
  const before = told(user).length;
  await office.slack.click({ user, channel: on.channel, ts: on.ts, actionId });
  await office.settled(() => told(user).length > before || office.modalOf(user) !== "null");
  return office.modalOf(user) === "null" ? (told(user).at(-1)?.text ?? "") : office.modalOf(user);
}

const submitReview = (user: string, verdict: string, note = "") =>
  office.slack.submit({
    user,
    viewId: office.viewIdOf(user),
    values: {
      review_verdict: { verdict: { type: "radio_buttons", selected_option: { value: verdict } } },
      review_note: { note: { type: "plain_text_input", value: note } },
    },
  });

const submitReopen = (user: string, reason: string) =>
  office.slack.submit({
    user,
    viewId: office.viewIdOf(user),
    values: { reopen_reason: { reason: { type: "plain_text_input", value: reason } } },
  });

const FORM = '"callback_id":"decision_review_view"';

describe("the question whether a decision was right", () => {
  it("is answered by approvers, by whoever decided and by whoever asked, and by nobody else", async () => {
    expect(await outcomeOf(people.dana, "decision_review_right")).toContain(FORM);
    expect(await outcomeOf(people.lee, "decision_review_wrong")).toContain(FORM);
    expect(office.modalOf(people.lee)).toContain(
      '"initial_option":{"text":{"type":"plain_text","text":"Wrong"',
    );
    expect(office.books.audit).toEqual([]);
    office.books.decisions.set(record.id, { ...record, requestedBy: null });
    await office.slack.closeModal(people.lee);
    expect(await outcomeOf(people.lee, "decision_review_wrong")).toContain("Only approvers, whoever decided");
    expect(office.books.audit).toMatchObject([
      {
        actor: people.lee,
        action: "decision.review",
        subject: record.id,
        outcome: "refused",
        detail: "not-listed",
      },
    ]);
  });

  it("is not answered by a guest, although they asked", async () => {
    office.books.decisions.set(record.id, { ...record, requestedBy: people.guest });
    expect(await outcomeOf(people.guest, "decision_review_right")).toMatch(/Guests cannot/);
    expect(office.books.audit).toMatchObject([{ actor: people.guest, outcome: "refused", detail: "guest" }]);
  });

  it("takes the answer as it stands in the form, with the note", async () => {
    await outcomeOf(people.sam, "decision_review_right");
    await submitReview(people.sam, "partly", "  Half of it.\r\n");
    expect(office.books.answers).toMatchObject([
      {
        decisionId: record.id,
        days: 30,
        verdict: "partly",
        note: "Half of it.",
        by: { slackId: people.sam },
      },
    ]);
  });

  it("takes no answer that is none of the three", () => {
    const chosen = (value: string) => ({ review_verdict: { verdict: { selected_option: { value } } } });
    expect(readReview(chosen("splendid"))).toBeNull();
    expect(readReview({})).toBeNull();
    expect(readReview(chosen("wrong"))).toEqual({ verdict: "wrong", note: null });
  });

  it("checks the right once more when the form comes back", async () => {
    await outcomeOf(people.lee, "decision_review_right");
    office.books.decisions.set(record.id, { ...record, requestedBy: null });
    await submitReview(people.lee, "right");
    expect(office.modalOf(people.lee)).toContain("Only approvers, whoever decided");
    expect(office.books.answers).toEqual([]);
  });

  it("tells whoever comes second who was first, on the way in and on the way out", async () => {
    await outcomeOf(people.sam, "decision_review_right");
    await outcomeOf(people.dana, "decision_review_right");
    await submitReview(people.sam, "wrong");
    await submitReview(people.dana, "right");
    expect(office.modalOf(people.dana)).toMatch(/Already answered: Sam[^"]* said \\"wrong\\"/);
    await office.slack.closeModal(people.dana);
    expect(await outcomeOf(people.dana, "decision_review_right")).toContain("Already answered");
    expect(office.books.answers).toHaveLength(1);
    const refusals = office.books.audit.map(({ actor, detail }) => [actor, detail]);
    expect(refusals).toEqual([
      [people.dana, "already-answered"],
      [people.dana, "already-answered"],
    ]);
  });

  it.each([
    ["unanswered", "nobody answered within 14 days"],
    ["dropped", "was reopened"],
  ] as const)("takes no answer once it ended (%s)", async (kind, words) => {
    review.state = { kind, at: AT };
    expect(await outcomeOf(people.dana, "decision_review_right")).toContain(words);
    expect(office.books.audit).toMatchObject([{ detail: "ended", outcome: "refused" }]);
  });

  it("shows how it ended in its place, without buttons", async () => {
    const answer = { verdict: "wrong", note: "<!channel> never again", by: outcome().by, at: AT } as const;
    await office.bot.reviewBoard.show({ ...review, state: { kind: "answered", answer } }, record);
    const shown = office.slack.messages(channels.leadership).find(({ ts }) => ts === review.message.ts);
    expect(JSON.stringify(shown?.blocks)).toContain("*Wrong*, said Dana Reyes");
    expect(JSON.stringify(shown?.blocks)).toContain("&lt;!channel&gt; never again");
    expect(JSON.stringify(shown?.blocks)).not.toContain("decision_review");
  });
});

describe("Reopen", () => {
  const open = (user: string) => outcomeOf(user, "decision_reopen", record.card ?? review.message);

  it("is for approvers, and asks why", async () => {
    expect(await open(people.lee)).toContain("You may not decide");
    expect(office.books.audit).toMatchObject([{ action: "decision.reopen", outcome: "refused" }]);
    expect(await open(people.sam)).toContain("Until it is decided again, what was decided stands");
    await submitReopen(people.sam, "   ");
    expect(office.slack.modals(people.sam).at(-1)?.errors).toEqual({
      reopen_reason: "Please say why in a few words.",
    });
    await submitReopen(people.sam, "The market changed.");
    expect(office.books.reopenings).toMatchObject([
      { decisionId: record.id, reason: "The market changed.", by: { slackId: people.sam } },
    ]);
    expect(office.modalOf(people.sam)).toContain("The new card comes into the channel");
  });

  it("says who reopened it already, on the way in and on the way out", async () => {
    await open(people.sam);
    const reopenedAs = { id: "next", by: outcome().by, reason: "r", at: AT };
    office.books.decisions.set(record.id, { ...record, reopenedAs });
    await submitReopen(people.sam, "Me too.");
    expect(office.modalOf(people.sam)).toContain("Dana Reyes reopened this already");
    await office.slack.closeModal(people.sam);
    expect(await open(people.sam)).toContain("Dana Reyes reopened this already");
    expect(office.books.reopenings).toEqual([]);
    expect(office.books.audit.map(({ detail }) => detail)).toEqual(["already-reopened", "already-reopened"]);
  });
});

describe("whatever the texts are", () => {
  const anyState: fc.Arbitrary<ReviewState> = fc.oneof(
    fc.constantFrom<ReviewState>(
      { kind: "asked" },
      { kind: "unanswered", at: AT },
      { kind: "dropped", at: AT },
    ),
    fc.record({
      kind: fc.constant("answered" as const),
      answer: fc.record({
        verdict: fc.constantFrom("right" as const, "partly" as const, "wrong" as const),
        note: fc.option(text),
        by: fc.record({ slackId: fc.option(text), name: text }),
        at: fc.constantFrom(AT, "not a time"),
      }),
    }),
  );

  it("Slack accepts the question, its end, both forms and what is said of a reopening", () => {
    fc.assert(
      fc.property(anyDecision, anyState, fc.constantFrom(1, 30, 3_650), (any, state, days) => {
        const question = reviewQuestion({ decision: any, days, endsAt: ENDS });
        const ended = reviewEnded({ ...review, days, state }, any);
        for (const message of [question, ended]) expect(messageProblems(message)).toEqual([]);
        expect(viewProblems(reviewView(any, { days, verdict: "right" }))).toEqual([]);
        expect(viewProblems(reopenView(any))).toEqual([]);
        const words = [question.text, ended.text, ...reopenedLines(any, null)].join("\n");
        expect(words).not.toMatch(/<!(channel|here|everyone)/);
        expect(words).not.toContain("<https://evil.example");
      }),
      { numRuns: 60 },
    );
  });

  it("a card that is decided again says so, with all its tasks, within Slack's limits", () => {
    const old = { ...record, state: recorded() };
    if (!isSettled(old)) throw new Error("not settled");
    for (const reason of HOSTILE) {
      const reopening = { of: old.id, by: outcome().by, reason, at: AT, earlier: earlierOf(old) };
      const card = decisionCard({ ...record, state: { kind: "pending" }, reopening });
      expect(messageProblems(card)).toEqual([]);
      expect(JSON.stringify(card.blocks)).toContain("*Reopened* by ");
      expect(JSON.stringify(card.blocks)).toContain(`${plan.tasks.length} tasks made for it stay in`);
      expect(JSON.stringify(card.blocks)).not.toContain("<!channel>");
    }
  });

  it("every refusal is a sentence", () => {
    const by = outcome().by;
    const refusals: ReopenResult[] = [
      { kind: "already-reopened", by, at: AT, cardUrl: "https://acme.slack.com/archives/C1/p1" },
      { kind: "not-settled" },
      { kind: "replaced", by: null },
      { kind: "not-found" },
    ];
    const late: ReviewResult[] = [{ kind: "ended", why: "dropped" }, { kind: "not-found" }];
    for (const words of [...refusals.map(reopenSentence), ...late.map(reviewSentence)])
      expect(words).toMatch(/\.$/);
  });
});
