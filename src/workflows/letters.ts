/** Retry and Ignore on a dead-letter card. The first click wins; the rest happens durably behind it. */
import type { DeadLetter, Person } from "../domain/decision.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";

export function registerLetters(deps: WorkflowDeps, pollSoon: (occasion: string) => Promise<void>) {
  const { books, board, notion } = deps;

  const follow = registerWorkflow(
    "letter",
    async (itemId: string, act: "retried" | "ignored"): Promise<void> => {
      const letter = await step(`letter:${itemId}`, () => books.letters.find(itemId));
      if (!letter) return;
      if (act === "retried") {
        await step(`put-back:${itemId}`, () =>
          notion.inbox.putBack(itemId, { status: "Unprocessed", reason: null }),
        );
        await step(`revive:${itemId}`, () => books.items.revive(itemId));
        await pollSoon(`retry-${itemId}-${letter.failedAt}`);
      } else await step(`ignore:${itemId}`, () => books.items.ignore(itemId));
      await step(`card:${itemId}`, () => board.updateDeadLetter(letter));
      const who = letter.state.kind === "open" ? "" : (letter.state.by.slackId ?? letter.state.by.name);
      await step(`audit:${itemId}`, () =>
        books.audit.record({
          actor: who,
          action: `item.${act}`,
          subject: itemId,
          outcome: "done",
          detail: letter.reason,
        }),
      );
    },
  );

  return {
    find: (itemId: string) => books.letters.find(itemId),
    async act(
      itemId: string,
      act: "retried" | "ignored",
      by: Person,
    ): Promise<{ done: boolean; letter: DeadLetter } | null> {
      const at = deps.now().toISOString();
      const done = await books.letters.close(itemId, act, by, at);
      const letter = await books.letters.find(itemId);
      if (!letter) return null;
      // Started also for those who come second: it may be that the first one's process died right here.
      if (letter.state.kind !== "open") {
        await startOnce(`letter:${itemId}:${letter.failedAt}`, follow, itemId, letter.state.kind);
      }
      return { done, letter };
    },
  };
}
