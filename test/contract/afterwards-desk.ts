/** Reviews and reopenings, small and in memory. */
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { type ReopenOrder, whyNotReopened } from "../../src/domain/reopening.ts";
import type { Review, ReviewClick } from "../../src/domain/review.ts";
import type { ReopenDesk, ReviewDesk } from "../../src/slack/afterwards-ports.ts";

export interface AfterwardsBooks {
  reviews: Review[];
  answers: ReviewClick[];
  reopenings: ReopenOrder[];
}

export const noAfterwards = (): AfterwardsBooks => ({ reviews: [], answers: [], reopenings: [] });

export function createAfterwardsDesks(books: AfterwardsBooks & { decisions: Map<string, DecisionRecord> }): {
  reviews: ReviewDesk;
  reopenings: ReopenDesk;
} {
  const find = async (id: string, days: number) =>
    books.reviews.find((one) => one.decisionId === id && one.days === days) ?? null;
  const obstacle = async (id: string) => whyNotReopened(books.decisions.get(id) ?? null);
  return {
    reviews: {
      find,
      async answer(click) {
        const review = await find(click.decisionId, click.days);
        if (review === null) return { kind: "not-found" };
        if (review.state.kind === "answered")
          return { kind: "already-answered", answer: review.state.answer };
        if (review.state.kind !== "asked") return { kind: "ended", why: review.state.kind };
        const { verdict, note, by } = click;
        review.state = { kind: "answered", answer: { verdict, note, by, at: "2026-12-21T12:00:00Z" } };
        books.answers.push(click);
        return { kind: "accepted" };
      },
    },
    reopenings: {
      obstacle,
      async reopen(order) {
        const found = await obstacle(order.decisionId);
        if (found === null) books.reopenings.push(order);
        return found ?? { kind: "accepted" };
      },
    },
  };
}
