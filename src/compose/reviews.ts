/** Reviews: when people are asked whether a decision was right. */
import type { Config } from "../config.ts";
import type { Slack } from "../slack/slack.ts";
import { createReviewStore } from "../store/reviews.ts";
import type { Store } from "../store/store.ts";
import type { ReviewDeps } from "../workflows/review-ports.ts";

export function reviewDeps(
  config: Config,
  { store, slack }: { store: Store; slack: Pick<Slack, "reviewBoard"> },
): ReviewDeps {
  return {
    book: createReviewStore(store.db),
    board: slack.reviewBoard,
    place: { timezone: config.timezone, hours: config.decisions.workingHours },
    afterDays: config.decisions.reviewAfterDays,
  };
}
