/**
 * All workflows of the bot, registered in one place, and the desks that the rest of the bot knocks at. Owns the
 * order of things; what each step does to the world is behind ports.ts.
 */
import type { Click, DecideResult, DecisionRecord } from "../domain/decision.ts";
import type { PollOutcome } from "../domain/health.ts";
import { registerCapture } from "./capture.ts";
import { registerCardWorkflows } from "./cards.ts";
import { registerChangedInNotion } from "./changed-in-notion.ts";
import { registerDecide } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerItemWorkflow } from "./item.ts";
import { registerLetters } from "./letters.ts";
import { createMend } from "./mend.ts";
import { registerPoll } from "./poll.ts";
import { registerRecord } from "./record.ts";
import { registerReminders } from "./reminders.ts";
import { registerSupersede } from "./supersede.ts";
import { registerSweep } from "./sweep.ts";

export interface Workflows {
  decisions: {
    find(id: string): Promise<DecisionRecord | null>;
    pending(): Promise<DecisionRecord[]>;
    decide(click: Click): Promise<DecideResult>;
  };
  letters: ReturnType<typeof registerLetters>;
  capture: ReturnType<typeof registerCapture>;
  /** Polls without waiting for the clock; the same occasion polls once. */
  pollSoon(occasion: string): Promise<void>;
  /** One poll per tick id, on whichever replica is first. */
  poll(tick: string): Promise<PollOutcome>;
}

/** Call before the engine is launched: recovery drops workflows that are not registered. */
export function registerWorkflows(deps: WorkflowDeps): Workflows {
  const { books } = deps;
  const cards = registerCardWorkflows(deps);
  const supersede = registerSupersede(deps, cards);
  const record = registerRecord(deps, cards, supersede);
  const decider = registerDecide(deps, record);
  const takeUpChange = registerChangedInNotion(deps, { cards, decider, supersede });
  const sweep = registerSweep(deps, { cards, decider, takeUpChange });
  const item = registerItemWorkflow(deps, cards);
  const { poll, pollSoon } = registerPoll(deps, { cards, item, sweep });
  const mend = createMend(deps);
  const remind = registerReminders(deps, cards);
  return {
    decisions: {
      find: books.decisions.find,
      pending: () => books.decisions.inState("pending"),
      decide: async (click) => decider.decide(click, "slack", await decider.look(click.decisionId)),
    },
    letters: registerLetters(deps, pollSoon),
    capture: registerCapture(deps, { cards, pollSoon }),
    pollSoon,
    async poll(tick) {
      const outcome = await poll(tick);
      // Also while polls are paused: what was begun goes on.
      await mend();
      await remind(tick);
      return outcome;
    },
  };
}
