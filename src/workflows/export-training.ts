/**
 * `/emm export`: reads Training Data and hands the file to whoever asked, privately. Durable once it is asked for: a
 * process that dies on the way is followed by another one. Which words and which Slack calls is behind `ExportCourier`.
 */
import type { PromptFor, TrainingCase } from "../domain/training-examples.ts";
import { type TrainingCounts, trainingFile, trainingFileName } from "../domain/training-file.ts";
import { toFailure } from "../errors.ts";
import type { AuditBook } from "./books.ts";
import { registerWorkflow, StepFailed, startOnce, step, stepOnce } from "./engine.ts";
import type { ExportCourier, ExportEnd, ExportOrder } from "./ports.ts";

export interface ExportDeps {
  read: () => Promise<TrainingCase[]>;
  promptFor: PromptFor;
  courier: ExportCourier;
  audit: AuditBook;
  now: () => Date;
}

interface Collected {
  counts: TrainingCounts;
  /** null = there is nothing to hand out. */
  file: { id: string; name: string } | null;
}

export function registerTrainingExport(deps: ExportDeps) {
  const { courier, audit } = deps;

  const record = (order: ExportOrder, outcome: "done" | "failed", detail: string) =>
    step(`export-audit-${outcome}:${order.id}`, () =>
      audit.record({
        actor: order.userId,
        action: "training.export",
        subject: order.only ?? "supervised and preference",
        outcome,
        detail,
      }),
    );

  const tell = (order: ExportOrder, end: ExportEnd) =>
    step(`export-${end.kind}:${order.id}`, () => courier.say(`export-${end.kind}:${order.id}`, order, end));

  async function handOut(order: ExportOrder): Promise<void> {
    // One step: what was read belongs into Slack's hands, not into a checkpoint.
    const { counts, file } = await stepOnce(`export-file:${order.id}`, () => collect(deps, order));
    const detail = `${counts.rows} rows, ${counts.supervised} supervised, ${counts.preference} preference`;
    if (file === null) {
      await tell(order, { kind: "nothing", counts });
      await record(order, "done", `${detail}; no file`);
      return;
    }
    const { channel } = order;
    const shared = await step(`export-share:${order.id}`, () => courier.share({ ...file, channel, counts }));
    if (shared === "unconfirmed") await tell(order, { kind: "unconfirmed" });
    await record(order, "done", shared === "shared" ? detail : `${detail}; not confirmed by Slack`);
  }

  const exportOnce = registerWorkflow("export", async (order: ExportOrder): Promise<void> => {
    try {
      await handOut(order);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      await tell(order, { kind: "failed", failure: toFailure(error) });
      await record(order, "failed", error.code);
      throw error;
    }
  });

  return {
    /** Durable once it returns. */
    async start(order: ExportOrder): Promise<void> {
      await startOnce(`export:${order.id}`, exportOnce, order);
    },
  };
}

async function collect(
  { read, promptFor, courier, now }: ExportDeps,
  { only }: ExportOrder,
): Promise<Collected> {
  const { text, counts } = trainingFile(await read(), { only, promptFor });
  if (text === "") return { counts, file: null };
  const name = trainingFileName(now().toISOString().slice(0, 10), only);
  return { counts, file: { id: await courier.upload({ name, text }), name } };
}
