/**
 * Naming a deputy: written down first, then the deputy is told. The order in which people gave their orders decides, not
 * the one in which they were carried out: one that a crash delayed never brings back a right that was ended since.
 */
import { type DeputyOrder, type Deputyship, orderedAt } from "../domain/deputy.ts";
import type { AuditBook } from "./books.ts";
import type { DeputyBook, DeputyWall } from "./deputy-ports.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";

export interface DeputyDeps {
  book: DeputyBook;
  wall: DeputyWall;
  audit: AuditBook;
  now: () => Date;
}

/** `ended`: whose right this order ended; null = nobody had it. */
interface Carried {
  ended: Deputyship | null;
}

/** Call before the engine is launched. */
export function registerDeputies({ book, wall, audit, now }: DeputyDeps) {
  const tell = registerWorkflow(
    "deputy-tell",
    async (order: DeputyOrder, ended: Deputyship | null): Promise<void> => {
      const { id, principal, appointment } = order;
      if (ended && ended.deputy.slackId !== appointment?.deputy.slackId)
        await step(`deputy-ended:${id}`, () => wall.tellEnded(order, ended));
      if (appointment)
        await step(`deputy-named:${id}`, () => wall.tellNamed({ id, principal, ...appointment }));
    },
  );

  const carryOut = registerWorkflow("deputy", async (order: DeputyOrder): Promise<Carried> => {
    const { id } = order;
    const ended = await step(`deputy-before:${id}`, () => book.before(order));
    await step(`deputy-note:${id}`, () => book.note(order));
    await step(`deputy-audit:${id}`, () => audit.record({ ...entryOf(order, ended), at: order.at }));
    await startOnce(`deputy-tell:${id}`, tell, order, ended);
    return { ended };
  });

  return {
    /** Durable once it returns; the same order once. Does not wait until the deputy is told. */
    async order(order: DeputyOrder): Promise<Carried> {
      const at = orderedAt(new Date(order.at), await book.lastOrder(order.principal.slackId));
      return (await startOnce(`deputy:${order.id}`, carryOut, { ...order, at })).result();
    },
    inForce: (): Promise<Deputyship[]> => book.inForce(now()),
  };
}

function entryOf({ principal, appointment }: DeputyOrder, ended: Deputyship | null) {
  const entry = { actor: principal.slackId, outcome: "done" } as const;
  if (appointment === null) {
    const detail = ended === null ? "nobody was named" : `until then for ${principal.name}`;
    return { ...entry, action: "deputy.ended", subject: ended?.deputy.slackId ?? principal.slackId, detail };
  }
  const instead = ended === null ? "" : `, instead of ${ended.deputy.slackId} until ${ended.lastDay}`;
  return {
    ...entry,
    ...{ action: "deputy.named", subject: appointment.deputy.slackId },
    detail: `until ${appointment.lastDay}${instead}`,
  };
}
