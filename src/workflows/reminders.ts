/**
 * Reminders of decisions that wait, and the wider circle that is asked at the last one. What is due follows from the
 * store alone, so that nothing sleeps in between: every poll looks, also while polls are paused, because clicks count all
 * the while. A reminder that could not be said is tried at the next look, and only as long as it is still its time.
 */
import type { DecisionRecord, Escalation } from "../domain/decision.ts";
import { BOT } from "../domain/decision-life.ts";
import { dueReminder, LAST_MARK, type Mark } from "../domain/reminders.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";

/** `tick` names the look; the same look reminds once, on whichever replica is first. */
export type Remind = (tick: string) => Promise<void>;

export function registerReminders(deps: WorkflowDeps, cards: CardWorkflows): Remind {
  const { books, reminders, now } = deps;

  /** With the moment that the books have: whoever is cut off in between writes it down once. */
  const record = (
    id: string,
    entry: { action: string; detail: string },
    doneAt: () => Promise<string | null>,
  ) =>
    step(`audit-${entry.action}:${id}`, async () => {
      const at = await doneAt();
      const done = { actor: BOT, subject: id, outcome: "done", ...entry };
      await books.audit.record({ ...done, ...(at !== null && { at }) });
    });

  const remind = registerWorkflow("remind", async (id: string, mark: Mark): Promise<void> => {
    const escalation = mark === LAST_MARK ? await stepOnce(`escalate:${id}`, () => escalate(deps, id)) : null;
    if (escalation) {
      const detail = escalation.to.join(", ");
      await record(id, { action: "decision.escalated", detail }, async () => escalation.at);
      await cards.show(id, "escalated");
    }
    const isSaid = await stepOnce(`remind:${id}:${mark}`, () => say(deps, id, mark));
    if (isSaid) {
      const detail = `${mark} % of its time is over`;
      await record(id, { action: "decision.reminded", detail }, () => reminders.book.saidAt(id, mark));
    }
  });

  return async (tick) => {
    const moment = now();
    for (const waiting of await reminders.book.waiting(moment)) {
      const due = dueReminder(waiting, moment, reminders.place);
      if (due) await startOnce(`remind:${waiting.id}:${due.mark}:${tick}`, remind, waiting.id, due.mark);
    }
  };
}

type Open = DecisionRecord & { expiresAt: string };

async function findOpen({ books, now }: WorkflowDeps, id: string): Promise<Open | null> {
  const decision = await books.decisions.find(id);
  if (decision?.state.kind !== "pending" || decision.expiresAt === null) return null;
  return now() < new Date(decision.expiresAt) ? { ...decision, expiresAt: decision.expiresAt } : null;
}

/** Null when there is nobody to ask. Done before, maybe by a step that was cut off, it is the same. */
async function escalate(deps: WorkflowDeps, id: string): Promise<Escalation | null> {
  const { book, escalation: to } = deps.reminders;
  if (to.length === 0 || (await findOpen(deps, id)) === null) return null;
  const escalation = { at: deps.now().toISOString(), to: [...to] };
  if (await book.escalate(id, escalation)) return escalation;
  return (await findOpen(deps, id))?.escalation ?? null;
}

/** One at a time for each decision: whoever comes second sees what the first one said. */
function say(deps: WorkflowDeps, id: string, mark: Mark): Promise<boolean> {
  const { exclusive, now, reminders } = deps;
  const { book, board, place } = reminders;
  return exclusive(`remind:${id}`, async () => {
    const decision = await findOpen(deps, id);
    if (decision?.card == null) return false;
    const moment = now();
    const due = dueReminder({ ...decision, said: await book.said(id) }, moment, place);
    // Said, maybe by a step that was cut off before it could say so.
    if (due?.mark !== mark) return (await book.saidAt(id, mark)) !== null;
    const at = moment.toISOString();
    await board.remind(`remind:${id}:${mark}`, { decision, mark, at });
    await book.note(id, due, at);
    return true;
  });
}
