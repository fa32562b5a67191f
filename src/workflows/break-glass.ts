/**
 * Somebody approved their own request although the policy forbids it: everybody hears of it at once, whether or not more
 * approvals are needed, and also when it is taken back.
 */
import type { Alarm } from "../domain/alert.ts";
import type { DecisionRecord, Person } from "../domain/decision.ts";
import type { WorkflowDeps } from "./deps.ts";
import { step } from "./engine.ts";

/** `at` names the approval. Raising the same alarm again makes no second message. */
export async function soundBreakGlass(
  { books, alarm }: Pick<WorkflowDeps, "books" | "alarm">,
  { id, at }: { id: string; at: string },
): Promise<void> {
  const broken = await step(`break-glass:${id}`, async () => {
    const decision = await books.decisions.find(id);
    const approval = decision?.approvals.find((one) => one.at === at && one.breakGlass !== undefined);
    if (!decision || !approval?.breakGlass) return null;
    const { by, breakGlass } = approval;
    await alarm.raise(signalOf(decision, { by, at, reason: breakGlass.reason }));
    return { actor: by.slackId ?? by.name, reason: breakGlass.reason };
  });
  if (broken === null) return;
  const { actor, reason } = broken;
  await step(`break-glass-audit:${id}`, () =>
    books.audit.record({
      actor,
      action: "decision.break-glass",
      subject: id,
      outcome: "done",
      detail: reason,
    }),
  );
}

function signalOf(
  { id, title, cardUrl }: DecisionRecord,
  { by, at, reason }: { by: Person; at: string; reason: string },
): Parameters<Alarm["raise"]>[0] {
  return {
    key: `break-glass:${id}:${at}`,
    severity: "critical",
    title: `${by.name} approved their own request`,
    detail: `${by.name} asked for "${title}" and approved it, which this workspace forbids (SELF_APPROVAL=forbid).\nReason: ${reason}\nLook at the card. Once it is recorded, whoever may decide can reopen it there.`,
    source: `decision ${id}`,
    url: cardUrl,
  };
}
