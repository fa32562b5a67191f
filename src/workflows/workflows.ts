/**
 * All workflows of the bot, registered in one place, and the desks that the rest of the bot knocks at. Owns the
 * order of things; what each step does to the world is behind ports.ts.
 */
import { isForBatch } from "../domain/batch.ts";
import type { Click, DecideResult, DecisionRecord, Person, UndoResult } from "../domain/decision.ts";
import type { PollOutcome } from "../domain/health.ts";
import { type DecideBatch, registerBatch } from "./batch.ts";
import { registerCapture } from "./capture.ts";
import { type CardWorkflows, registerCardWorkflows } from "./cards.ts";
import { registerChangedInNotion } from "./changed-in-notion.ts";
import { decideSurely, registerDecide } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerDialectic } from "./dialectic.ts";
import { registerItemWorkflow } from "./item.ts";
import { registerLetters } from "./letters.ts";
import { createMend } from "./mend.ts";
import { registerPoll } from "./poll.ts";
import { registerQuestions, registerTalkNotes, versionThatStands } from "./questions.ts";
import { registerRecord } from "./record.ts";
import { registerReminders } from "./reminders.ts";
import { type Reopenings, registerReopen } from "./reopen.ts";
import { type Reviews, registerReviews } from "./review.ts";
import { registerSupersede } from "./supersede.ts";
import { registerSweep } from "./sweep.ts";
import { registerUndo, registerUndoWindow } from "./undo.ts";

export interface Workflows {
  decisions: {
    find(id: string): Promise<DecisionRecord | null>;
    asked: WorkflowDeps["books"]["decisions"]["asked"];
    pending(): Promise<DecisionRecord[]>;
    isForBatch(decision: DecisionRecord, userId: string): boolean;
    redraw(id: string): Promise<void>;
    /** Those that can still be taken back. */
    undoable(): Promise<DecisionRecord[]>;
    decide(click: Click): Promise<DecideResult>;
    decideBatch: DecideBatch;
    undo(id: string, by: Person): Promise<UndoResult>;
    withdraw(id: string, request: { by: Person; reason: string | null }): Promise<DecideResult>;
  };
  letters: ReturnType<typeof registerLetters>;
  reviews: Omit<Reviews, "look">;
  reopenings: Reopenings;
  talk: ReturnType<typeof registerTalk>;
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
  const undoWindow = registerUndoWindow(deps, { cards, record });
  const decider = registerDecide(deps, { cards, record, undoWindow });
  const takeUpChange = registerChangedInNotion(deps, { cards, decider, supersede });
  const sweep = registerSweep(deps, { cards, decider, takeUpChange, undoWindow });
  const item = registerItemWorkflow(deps, cards);
  const { poll, pollSoon } = registerPoll(deps, { cards, item, sweep });
  const mend = createMend(deps);
  const remind = registerReminders(deps, cards);
  const reviews = registerReviews(deps);
  return {
    decisions: {
      find: books.decisions.find,
      asked: books.decisions.asked,
      pending: () => books.decisions.inState("pending"),
      isForBatch: (decision, userId) => isForBatch(decision, userId, { ...deps.rules, now: deps.now() }),
      redraw: cards.redraw,
      undoable: () => books.decisions.inState("undoable"),
      decide: (click) =>
        decideSurely({ look: (id) => decider.look(id, click.choice) }, click.decisionId, (moment) =>
          decider.decide(click, "slack", moment),
        ),
      decideBatch: registerBatch(deps, decider),
      undo: registerUndo(deps, { cards, takeUpChange }),
      withdraw: (id, request) => decideSurely(decider, id, (moment) => decider.withdraw(request, moment)),
    },
    letters: registerLetters(deps, pollSoon),
    reviews,
    reopenings: registerReopen(deps, cards),
    talk: registerTalk(deps, cards),
    capture: registerCapture(deps, { cards, pollSoon }),
    pollSoon,
    async poll(tick) {
      const outcome = await poll(tick);
      // Also while polls are paused: what was begun goes on.
      await mend();
      await remind(tick);
      await reviews.look(tick);
      return outcome;
    },
  };
}

/** What is asked about a decision before it is made. */
function registerTalk(deps: WorkflowDeps, cards: CardWorkflows) {
  const say = registerTalkNotes(deps);
  const dialectic = registerDialectic(deps, cards, say);
  return {
    ...registerQuestions(deps, cards, say),
    startDialectic: dialectic.start,
    find: async (id: string): Promise<DecisionRecord | null> =>
      deps.books.decisions.find(await versionThatStands(deps, id)),
  };
}
