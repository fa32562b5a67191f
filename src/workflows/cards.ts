/**
 * Keeps the card in Slack equal to the state in the store. One function posts and updates; every change of state
 * runs it again, and a replica that drew an old state draws once more.
 */
import type { DecisionRecord } from "../domain/decision.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import type { Note } from "./ports.ts";

export type CardWorkflows = ReturnType<typeof registerCardWorkflows>;

export function registerCardWorkflows(deps: WorkflowDeps) {
  const { board, books, exclusive, notion } = deps;

  const sync = (id: string): Promise<{ url: string | null; firstPost: boolean }> =>
    exclusive(`card:${id}`, async () => {
      let firstPost = false;
      for (;;) {
        const decision = await books.decisions.find(id);
        if (!decision || decision.cardRev >= decision.rev)
          return { url: decision?.cardUrl ?? null, firstPost };
        if (decision.card) await board.updateDecision(decision);
        else {
          await books.decisions.cardPosted(id, await board.postDecision(decision));
          firstPost = true;
        }
        await books.decisions.cardShows(id, decision.rev);
      }
    });

  const card = registerWorkflow("card", async (id: string) => {
    const { url, firstPost } = await step(`card:${id}`, () => sync(id));
    if (url !== null && firstPost) await step(`link:${id}`, () => notion.decisions.linkCard(id, url));
  });

  /** For the sweep: it comes by again, so this does not wait for Slack. */
  const repair = registerWorkflow("card-repair", async (id: string) => {
    const { url, firstPost } = await stepOnce(`card:${id}`, () => sync(id));
    if (url !== null && firstPost) await step(`link:${id}`, () => notion.decisions.linkCard(id, url));
  });

  const say = registerWorkflow("say", async (key: string, note: Note) => {
    await step(`say:${key}`, () => board.say(key, note));
  });

  return {
    /** `occasion` names why, e.g. "posted", "recording", "recorded": one run for each. */
    show: (id: string, occasion: string) => startOnce(`card:${id}:${occasion}`, card, id),
    repair: (decision: DecisionRecord, tick: string) =>
      startOnce(`card-repair:${decision.id}:${decision.rev}:${tick}`, repair, decision.id),
    /** Said once per key. */
    say: (key: string, note: Note) => startOnce(`say:${key}`, say, key, note),
  };
}
