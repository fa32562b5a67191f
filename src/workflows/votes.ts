/** Whether those who approved before may still decide: looked up when somebody else approves, kept with what they do. */
import { approvalsGiven, type DecisionRecord } from "../domain/decision.ts";
import type { FoundVote } from "../domain/voters.ts";
import { AppError } from "../errors.ts";
import type { People } from "./ports.ts";

export function lookUpVotes(people: Pick<People, "stillMay">, known: DecisionRecord): Promise<FoundVote[]> {
  if (known.state.kind !== "pending") return Promise.resolve([]);
  return Promise.all(
    approvalsGiven(known).map(async ({ by, at }) => ({ by, at, right: await people.stillMay(by, known.id) })),
  );
}

/** For whoever is not there to try again: throws what asking again may cure. */
export function foundOut<M extends { votes?: readonly FoundVote[] }>(moment: M): M {
  if (moment.votes?.some(({ right }) => right.kind === "unsure" && right.isPassing) === true)
    throw new AppError("Slack did not say whether whoever approved before may still decide", {
      code: "slack_unavailable",
      retryable: true,
    });
  return moment;
}
