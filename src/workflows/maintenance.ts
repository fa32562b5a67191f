/**
 * Maintenance: begins and ends by the word of an operator, or by the clock. The row is the truth, for every replica; the
 * card in the alerts channel follows it. Whoever holds something back (polls, alerts, HTTP) asks here.
 */
import type { Person } from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import { isInForce, isOverdue, type Maintenance } from "../domain/maintenance.ts";
import type { PauseView } from "../domain/pause.ts";
import type { AuditBook, Exclusive } from "./books.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";

export interface MaintenanceBook {
  find(id: string): Promise<Maintenance | null>;
  open(): Promise<Maintenance | null>;
  latest(): Promise<Maintenance | null>;
  begin(opening: { by: Person; reason: string; startedAt: Date; endsAt: Date }): Promise<Maintenance | null>;
  change(id: string, change: { by: Person; reason: string; endsAt: Date }): Promise<Maintenance | null>;
  end(id: string, end: { at: Date; by: Person | null }): Promise<Maintenance | null>;
  cardPosted(id: string, card: MessageRef): Promise<void>;
  cardShows(id: string, rev: number): Promise<void>;
}

export interface MaintenanceBoard {
  postMaintenance(maintenance: Maintenance): Promise<MessageRef>;
  updateMaintenance(maintenance: Maintenance): Promise<void>;
}

export interface MaintenanceDeps {
  book: MaintenanceBook;
  board: MaintenanceBoard;
  /** Hears of ends by the clock; what people do is recorded where they are let in. */
  audit: AuditBook;
  exclusive: Exclusive;
  now: () => Date;
}

export interface MaintenanceDesk {
  /** The one in force, else the last one; null = there never was one. */
  latest(): Promise<Maintenance | null>;
  begin(order: { by: Person; durationMs: number; reason: string }): Promise<Begun>;
  /** null when none is in force. */
  end(by: Person): Promise<Maintenance | null>;
  /** As it was when somebody last looked: at most a few seconds ago, and never past its end. Does not wait. */
  inForce(): Maintenance | null;
  /** Looks, notes that a time is up, and sees to a card that shows an old state. Call it every few seconds. */
  look(): Promise<void>;
  /** Holds polls back. Asks the store. */
  pause: PauseView;
}

export interface Begun {
  maintenance: Maintenance;
  /** False when one was in force, which has a new end and reason now. */
  isNew: boolean;
}

/** Call before the engine is launched. */
export function registerMaintenance({
  book,
  board,
  audit,
  exclusive,
  now,
}: MaintenanceDeps): MaintenanceDesk {
  const sync = (id: string): Promise<void> =>
    exclusive("maintenance-card", async () => {
      for (;;) {
        const found = await book.find(id);
        if (!found || found.cardRev >= found.rev) return;
        if (found.card) await board.updateMaintenance(found);
        else await book.cardPosted(id, await board.postMaintenance(found));
        await book.cardShows(id, found.rev);
      }
    });
  const card = registerWorkflow("maintenance-card", async (id: string, timeWasUp: boolean): Promise<void> => {
    if (timeWasUp) await step(`maintenance-end:${id}`, () => audit.record(endOfTime(id)));
    await step(`maintenance-card:${id}`, () => sync(id));
  });

  let seen: Maintenance | null = null;
  const read = async (): Promise<Maintenance | null> => {
    seen = await book.open();
    return seen;
  };
  const show = async (changed: Maintenance): Promise<Maintenance> => {
    seen = changed.ended === null ? changed : null;
    const timeWasUp = changed.ended !== null && changed.ended.by === null;
    await startOnce(`maintenance:${changed.id}:${changed.rev}`, card, changed.id, timeWasUp);
    return changed;
  };
  const noteEnd = async (found: Maintenance): Promise<void> => {
    const ended = await book.end(found.id, { at: now(), by: null });
    if (ended) await show(ended);
  };

  async function begin(order: { by: Person; durationMs: number; reason: string }): Promise<Begun> {
    const startedAt = now();
    const wanted = {
      ...{ by: order.by, reason: order.reason, startedAt },
      endsAt: new Date(startedAt.getTime() + order.durationMs),
    };
    // Ends: each round another person was faster by one step.
    for (;;) {
      const open = await read();
      if (open && isOverdue(open, startedAt)) await noteEnd(open);
      else if (open) {
        const changed = await book.change(open.id, wanted);
        if (changed) return { maintenance: await show(changed), isNew: false };
      } else {
        const begun = await book.begin(wanted);
        if (begun) return { maintenance: await show(begun), isNew: true };
      }
    }
  }

  return {
    latest: book.latest,
    begin,
    async end(by) {
      const open = await read();
      if (!open || isOverdue(open, now())) return null;
      const ended = await book.end(open.id, { at: now(), by });
      return ended && show(ended);
    },
    inForce: () => (seen && isInForce(seen, now()) ? seen : null),
    async look() {
      const open = await read();
      if (open && isOverdue(open, now())) return noteEnd(open);
      const latest = open ?? (await book.latest());
      // A process that died between the change and its card.
      if (latest && latest.cardRev < latest.rev) await show(latest);
    },
    pause: {
      async state() {
        const open = await read();
        if (!open || !isInForce(open, now())) return null;
        const { by, startedAt, endsAt, reason } = open;
        return { by: by.name, since: startedAt, until: endsAt, reason: `maintenance: ${reason}` };
      },
    },
  };
}

function endOfTime(id: string) {
  const subject = `maintenance ${id}`;
  return { actor: "clock", action: "maintenance.end", subject, outcome: "done", detail: "its time was up" };
}
