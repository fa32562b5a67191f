/**
 * Keeps the card in Slack equal to the state in the store. One function posts and updates; every change of state
 * runs it again, and a replica that drew an old state draws once more.
 */
import { type DecisionRecord, inFull } from "../domain/decision.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import type { DecisionInShort, Note } from "./ports.ts";
import { registerAdvice, registerThreadLines } from "./thread.ts";

/** The occasion on which a card appears. */
export const FIRST_SHOW = "posted";

/** Of a decision that nothing has changed yet. */
const NEW_REV = 1;

export type CardWorkflows = ReturnType<typeof registerCardWorkflows>;

export function registerCardWorkflows(deps: WorkflowDeps) {
  const { board, books, notion } = deps;
  const postAdvice = registerAdvice(deps);

  const sync = createCardSync(deps);

  const card = registerWorkflow("card", async (id: string, occasion: string) => {
    const url = await step(`card:${id}`, () => sync(id));
    // Whoever posted it, maybe a process that died right after: this run ends only when there is a card.
    if (url !== null && occasion === FIRST_SHOW)
      await step(`link:${id}`, () => notion.decisions.linkCard(id, url));
    if (occasion === FIRST_SHOW) await postAdvice(id);
  });

  /** For the sweep: it comes by again, so this does not wait for Slack. */
  const repair = registerWorkflow("card-repair", async (id: string): Promise<void> => {
    await stepOnce(`card:${id}`, () => sync(id));
  });

  const say = registerWorkflow("say", async (key: string, note: Note) => {
    const whole = "decision" in note ? { ...note, decision: inFull(note.decision) } : note;
    await step(`say:${key}`, () => board.say(key, whole));
  });

  const show = (id: string, occasion: string) => startOnce(`card:${id}:${occasion}`, card, id, occasion);

  return {
    /** `occasion` names why, e.g. "recording", "recorded": one run for each. FIRST_SHOW also links it in Notion. */
    show,
    /** An open card as it is: what somebody picked in a menu on it is gone. */
    async redraw(id: string): Promise<void> {
      const drawn = await books.decisions.evolve(id, ({ state }) =>
        state.kind === "pending" ? { patch: {}, result: true } : { patch: null, result: false },
      );
      if (drawn?.result) await show(id, `redraw-${drawn.decision.rev}`);
    },
    /** The card of what was replaced: closed at once, and drawn again when there is a new one to link to. */
    async showReplaced(id: string, replacement: { result(): Promise<unknown> }): Promise<void> {
      await show(id, "superseded");
      await replacement.result();
      await step(`touch-replaced:${id}`, async () => {
        await books.decisions.evolve(id, ({ state }) => ({
          patch: state.kind === "superseded" ? {} : null,
          result: null,
        }));
      });
      await show(id, "replaced");
    },
    repair: (decision: DecisionRecord, tick: string) =>
      startOnce(`card-repair:${decision.id}:${decision.rev}:${tick}`, repair, decision.id),
    /** Under the card; said once per key. */
    sayLine: registerThreadLines(deps),
    /** Said once per key. */
    say: (key: string, note: Note) =>
      startOnce(
        `say:${key}`,
        say,
        key,
        "decision" in note ? { ...note, decision: inShort(note.decision) } : note,
      ),
  };
}

/** Posts the card, or draws it anew until it shows the newest state; returns its address. */
export function createCardSync({ board, books, exclusive }: CardSyncDeps) {
  return (id: string): Promise<string | null> =>
    exclusive(`card:${id}`, async () => {
      for (let isOvertaken = false; ; ) {
        const decision = await books.decisions.find(id);
        if (!decision || (decision.cardRev >= decision.rev && !isOvertaken)) return decision?.cardUrl ?? null;
        if (decision.card) await board.updateDecision(decision);
        else {
          await books.decisions.cardPosted(id, await board.postDecision(decision));
          // Posted by a process that died right after, it shows what was true then.
          if (decision.rev > NEW_REV) continue;
        }
        // A process that was given up draws what it saw long ago, and maybe over what another one has drawn since.
        isOvertaken = (await books.decisions.cardShows(id, decision.rev)) > decision.rev;
      }
    });
}

interface CardSyncDeps {
  board: Pick<WorkflowDeps["board"], "postDecision" | "updateDecision">;
  books: { decisions: Pick<WorkflowDeps["books"]["decisions"], "find" | "cardPosted" | "cardShows"> };
  exclusive: WorkflowDeps["exclusive"];
}

/** What the engine keeps of a decision at each step need not hold what the advisers said. */
export function inShort(
  decision: DecisionInShort & Partial<Pick<DecisionRecord, "analysis">>,
): DecisionInShort {
  const { analysis, ...rest } = decision;
  return rest;
}
