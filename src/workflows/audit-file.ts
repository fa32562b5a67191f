/** `/emm audit <decision> file`: the life of a decision as a file, privately. Durable once it is asked for. */
import { type DecisionLife, lifeFile, lifeFileName } from "../domain/decision-life.ts";
import { toFailure } from "../errors.ts";
import type { AuditCourier, AuditFileOrder } from "./audit-ports.ts";
import type { AuditBook } from "./books.ts";
import { registerWorkflow, StepFailed, startOnce, step, stepOnce } from "./engine.ts";

export interface AuditFileDeps {
  life(decisionId: string): Promise<DecisionLife | null>;
  courier: AuditCourier;
  audit: AuditBook;
}

/** Call before the engine is launched. */
export function registerAuditFile({ life, courier, audit }: AuditFileDeps) {
  const record = (order: AuditFileOrder, outcome: "done" | "failed", detail: string) =>
    step(`audit-file-${outcome}:${order.id}`, () =>
      audit.record({
        actor: order.userId,
        action: "audit.file",
        subject: order.decisionId,
        outcome,
        detail,
      }),
    );

  async function handOut(order: AuditFileOrder): Promise<void> {
    const { id, channel, decisionId } = order;
    // One step: what was read belongs into Slack's hands, not into a checkpoint.
    const file = await stepOnce(`audit-upload:${id}`, async () => {
      const found = await life(decisionId);
      if (found === null) return null;
      const name = lifeFileName(found);
      const fileId = await courier.upload({ name, text: lifeFile(found) });
      return { id: fileId, name, title: found.decision.title };
    });
    if (file === null) return;
    const shared = await step(`audit-share:${id}`, () => courier.share({ ...file, channel }));
    if (shared === "unconfirmed")
      await step(`audit-unconfirmed:${id}`, () => courier.say(`audit-unconfirmed:${id}`, channel, null));
    await record(order, "done", shared === "shared" ? "" : "not confirmed by Slack");
  }

  const auditFile = registerWorkflow("audit-file", async (order: AuditFileOrder): Promise<void> => {
    try {
      await handOut(order);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      const key = `audit-failed:${order.id}`;
      await step(key, () => courier.say(key, order.channel, toFailure(error)));
      await record(order, "failed", error.code);
      throw error;
    }
  });

  return {
    async send(order: AuditFileOrder): Promise<void> {
      await startOnce(`audit-file:${order.id}`, auditFile, order);
    },
  };
}
