/** Several decisions in one form, as the workflow makes them, but in one go and in memory. */
import {
  type BatchEnd,
  type BatchEnded,
  type BatchItem,
  type BatchOrder,
  hasLowImpact,
} from "../../src/domain/batch.ts";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import type { AuditEntry, DecisionDesk } from "../../src/slack/ports.ts";
import type { BatchDoor } from "../../src/workflows/batch-ports.ts";

interface BatchBooks {
  decisions: Map<string, DecisionRecord>;
  audit: AuditEntry[];
}

export function batchOf(books: BatchBooks, door: BatchDoor, decide: DecisionDesk["decide"]) {
  const endOf = async (order: BatchOrder, item: BatchItem): Promise<BatchEnd> => {
    const permission = await door.may(order, item, { fresh: item === order.items[0] });
    if (!permission.ok) return { kind: "refused", reason: permission.reason };
    const known = books.decisions.get(item.id);
    const refused = (detail: string) => {
      const action = `decision.${item.choice}`;
      books.audit.push({ actor: order.by.userId, action, subject: item.id, outcome: "refused", detail });
    };
    if (known && !hasLowImpact(known)) {
      refused("high-impact");
      return { kind: "high-impact" };
    }
    const choice =
      item.choice === "approve"
        ? ({ kind: "approve" } as const)
        : ({ kind: "reject", reason: order.reason ?? "" } as const);
    const result = await decide({ decisionId: item.id, hash: item.hash, choice, by: permission.person });
    if (result.kind !== "accepted") refused(result.kind);
    return { kind: "clicked", result, replacementUrl: null };
  };
  return async (order: BatchOrder): Promise<BatchEnded[]> => {
    const ended: BatchEnded[] = [];
    for (const item of order.items) {
      const end = await endOf(order, item);
      const { title = "", cardUrl = null } = books.decisions.get(item.id) ?? {};
      ended.push({ title, cardUrl, choice: item.choice, end, undoUntil: null });
    }
    await door.tell(order, ended);
    return ended;
  };
}
