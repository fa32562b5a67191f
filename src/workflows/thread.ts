/**
 * The thread under a card as the record of its decision: after the card, what the advisers said, whole; then every vote,
 * and what was taken back. Nobody waits for it, and it never holds a card back.
 */
import { AppError } from "../errors.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { ThreadLine } from "./thread-ports.ts";

/** Once for each decision; does not wait. */
export type PostAdvice = (decisionId: string) => Promise<unknown>;

export function registerAdvice(deps: Pick<WorkflowDeps, "books" | "thread">): PostAdvice {
  const { books, thread } = deps;

  const advice = registerWorkflow(
    "advice",
    (id: string): Promise<void> =>
      // One step: which messages were posted is known from the ledger of posts.
      step(`advice:${id}`, async () => {
        const decision = await books.decisions.find(id);
        if (!decision?.card) return;
        const first = await thread.book.firstWithAdvice(id);
        await thread.board.postAdvice(decision, first?.decisionId === id ? null : first);
      }),
  );

  return (id) => startOnce(`advice:${id}`, advice, id);
}

const noCardYet = () =>
  new AppError("The card is not posted yet.", { code: "slack_unavailable", retryable: true });

/** Says it once per key; does not wait. */
export type SayLine = (key: string, decisionId: string, line: ThreadLine) => Promise<unknown>;

export function registerThreadLines({ books, thread }: Pick<WorkflowDeps, "books" | "thread">): SayLine {
  const say = registerWorkflow(
    "thread-line",
    (key: string, id: string, line: ThreadLine): Promise<void> =>
      step(`say:${key}`, async () => {
        const decision = await books.decisions.find(id);
        if (decision === null) return;
        // Votes come from the Home tab too, where a decision stands before its card does.
        if (decision.card === null) throw noCardYet();
        await thread.board.postLine(key, decision, line);
      }),
  );
  return (key, id, line) => startOnce(`thread-line:${key}`, say, key, id, line);
}
