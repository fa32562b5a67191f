/** What comes after a decision: whether it was right, and deciding again. */
import type { Config } from "../config.ts";
import type { Slack } from "../slack/slack.ts";
import { createReopeningStore } from "../store/reopenings.ts";
import { createReviewStore } from "../store/reviews.ts";
import type { Store } from "../store/store.ts";
import type { WorkflowDeps } from "../workflows/deps.ts";

export function afterwardsDeps(
  config: Config,
  { store, slack }: { store: Store; slack: Pick<Slack, "reviewBoard"> },
): Pick<WorkflowDeps, "reviews" | "reopenings"> {
  return {
    reviews: {
      book: createReviewStore(store.db),
      board: slack.reviewBoard,
      place: { timezone: config.timezone, hours: config.decisions.workingHours },
      afterDays: config.decisions.reviewAfterDays,
    },
    reopenings: createReopeningStore(store.db),
  };
}
