/**
 * The moment in which a decision can be taken back. It is a state of the record, not a race of clocks: the decision stays
 * undoable until the window closes it, however late that is, and whichever of the two changes the record first wins. One
 * that was taken before goes first, also when its process died.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { DecisionRecord, Outcome, Person, UndoResult } from "../domain/decision.ts";
import { advance, type UndoEvent, undo } from "../domain/decision-machine.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { isUnderWay, pause, registerWorkflow, startOnce, step } from "./engine.ts";

export interface UndoWindow {
  /** Starts the window of one round, and shows the card that has the button; does not wait. */
  open(id: string, round: number, windowMs?: number): Promise<void>;
  /** Ends it now: its end should have come, or was set by a clock that was ahead. */
  end(id: string, round: number): Promise<void>;
}

export function registerUndoWindow(
  { books, meter, rules, now }: WorkflowDeps,
  { cards, record }: { cards: CardWorkflows; record: (id: string) => Promise<void> },
): UndoWindow {
  const close = async (id: string, round: number): Promise<void> => {
    const isOver = await step(`close:${id}`, async () => {
      await letUndoFirst(books, { id, round });
      const at = now().toISOString();
      const closed = await books.decisions.evolve(id, (known) =>
        advance(known, { kind: "window-over", round, at }),
      );
      const state = closed?.decision.state;
      if (!closed?.result || state?.kind !== "recording") return false;
      meter.decided(state.outcome.verdict);
      return true;
    });
    if (isOver) await startOnce(`record:${id}`, record, id);
  };
  const usualMs = rules.undoSeconds * 1_000;
  const undoWindow = registerWorkflow(
    "undo-window",
    // Older versions did not say how long.
    async (id: string, round: number, windowMs?: number): Promise<void> => {
      await cards.show(id, `undoable-${round}`);
      // A wait that was begun is kept by any other, but not by none.
      await pause(Math.max(1, windowMs ?? usualMs));
      await close(id, round);
    },
  );
  const overdue = registerWorkflow("undo-overdue", close);
  return {
    async open(id, round, windowMs = usualMs) {
      await startOnce(`undo-window:${id}:${round}`, undoWindow, id, round, windowMs);
    },
    async end(id, round) {
      await startOnce(`undo-overdue:${id}:${round}`, overdue, id, round);
    },
  };
}

/** A dead process's work is taken over within seconds; longer, and something is wrong with it. */
const UNDO_LOOKS = 600;
const UNDO_LOOK_MS = 200;

async function letUndoFirst(
  { decisions }: Pick<WorkflowDeps["books"], "decisions">,
  { id, round }: { id: string; round: number },
): Promise<void> {
  for (let looks = 0; looks < UNDO_LOOKS; looks += 1) {
    const known = await decisions.find(id);
    const isOpen = known?.state.kind === "undoable" && known.round === round;
    if (!isOpen || !(await isUnderWay(undoId(id)))) return;
    await sleep(UNDO_LOOK_MS);
  }
}

const undoId = (id: string) => `undo:${id}:`;

/** A window that is still open although it cannot be, by any clock that is right. */
export function isOverdue({ state }: Pick<DecisionRecord, "state">, now: Date): boolean {
  if (state.kind !== "undoable") return false;
  const until = Date.parse(state.until);
  const leftMs = until - now.getTime();
  return leftMs < -LATE_MS || leftMs > until - Date.parse(state.outcome.at) + LATE_MS;
}

/** Replicas' clocks differ, and a busy process closes late. */
const LATE_MS = 60_000;

interface Order {
  id: string;
  event: UndoEvent;
  /** What is taken back. */
  was: Outcome["verdict"] | "approval";
}

export type Undo = (id: string, by: Person) => Promise<UndoResult>;

export function registerUndo(
  { books, now }: WorkflowDeps,
  { cards, takeUpChange }: { cards: CardWorkflows; takeUpChange: (id: string) => Promise<void> },
): Undo {
  const takeBack = registerWorkflow("undo", async ({ id, event, was }: Order): Promise<UndoResult> => {
    const { result, rev } = await step(`undo:${id}`, async () => {
      const evolved = await books.decisions.evolve(id, (known) => undo(known, event));
      return { result: evolved?.result ?? NOT_FOUND, rev: evolved?.decision.rev ?? 0 };
    });
    if (result.kind !== "undone") return result;
    await cards.show(id, `undone-${rev}`);
    await step(`audit:${id}`, () => {
      const entry = { actor: event.by.slackId ?? event.by.name, action: "decision.undone", subject: id };
      return books.audit.record({ ...entry, outcome: "done", detail: was, at: event.at });
    });
    await cards.sayLine(`undone:${id}:${rev}`, id, { kind: "undone", by: event.by, was });
    // Somebody may have decided in Notion while this one stood.
    if (was !== "approval") await takeUpChange(id);
    return result;
  });

  return async (id, by) => {
    const known = await books.decisions.find(id);
    if (known === null) return NOT_FOUND;
    const event = { by, at: now().toISOString(), round: known.round };
    const foreseen = undo(known, event);
    if (foreseen.patch === null) return foreseen.result;
    const order = { id, event, was: standsAs(known) };
    const started = await startOnce(`${undoId(id)}${known.rev}`, takeBack, order);
    return started.result();
  };
}

const NOT_FOUND: UndoResult = { kind: "not-found" };

function standsAs({ state }: DecisionRecord): Order["was"] {
  return state.kind === "undoable" ? state.outcome.verdict : "approval";
}
