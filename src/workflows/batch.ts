/**
 * Several decisions in one form. Each is checked, decided and audited by itself, one after the other; that they all are, and
 * that whoever sent the form in hears of it, does not depend on the process that took it.
 */
import {
  type BatchEnd,
  type BatchEnded,
  type BatchItem,
  type BatchOrder,
  hasLowImpact,
} from "../domain/batch.ts";
import type { Choice } from "../domain/decision.ts";
import { type Decider, decideSurely, type Moment } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import { foundOut } from "./votes.ts";

/** Durable once it begins; the same order is carried out once. */
export type DecideBatch = (order: BatchOrder) => Promise<BatchEnded[]>;

interface One {
  order: BatchOrder;
  item: BatchItem;
  isFirst: boolean;
}

type BatchDeps = Pick<WorkflowDeps, "books" | "batch">;

export function registerBatch(deps: BatchDeps, decider: Decider): DecideBatch {
  const batch = registerWorkflow("batch", async (order: BatchOrder): Promise<BatchEnded[]> => {
    const ended: BatchEnded[] = [];
    for (const [index, item] of order.items.entries()) {
      const one = { order, item, isFirst: index === 0 };
      const end = await decideOne(deps, decider, one);
      ended.push(await step(`ended:${item.id}`, () => endedAs(deps, one, end)));
    }
    await step(`tell:${order.key}`, () => deps.batch.tell(order, ended));
    return ended;
  });
  return async (order) => (await startOnce(`batch:${order.key}`, batch, order)).result();
}

async function decideOne(
  deps: BatchDeps,
  decider: Decider,
  { order, item, isFirst }: One,
): Promise<BatchEnd> {
  const { id, hash } = item;
  const asked = await step(`may:${id}`, async () => {
    // The person is asked after once; a right that ends meanwhile is seen within seconds.
    const permission = await deps.batch.may(order, item, { fresh: isFirst });
    if (!permission.ok) return { kind: "refused", reason: permission.reason } as const;
    const decision = await deps.books.decisions.find(id);
    if (decision !== null && !hasLowImpact(decision)) return { kind: "high-impact" } as const;
    return { kind: "may", by: permission.person } as const;
  });
  if (asked.kind !== "may") return asked;
  const click = { decisionId: id, hash, by: asked.by, choice: choiceOf(order, item) };
  let looks = 0;
  const look = (which: string) => {
    looks += 1;
    return step(`look:${which}:${looks}`, async () => foundOut(await decider.look(which, click.choice)));
  };
  const result = await decideSurely({ look }, id, (moment) =>
    decider.decide(click, "slack", clickedInTime(moment, order)),
  );
  return { kind: "clicked", result, replacementUrl: null };
}

function choiceOf({ reason }: BatchOrder, { choice }: BatchItem): Choice {
  return choice === "approve" ? { kind: "approve" } : { kind: "reject", reason: reason ?? "" };
}

/** What was sent in in time counts, however long its turn took to come. */
function clickedInTime(moment: Moment, { at }: BatchOrder): Moment {
  const expiresAt = moment.known?.expiresAt ?? null;
  const isOvertaken = expiresAt !== null && at < expiresAt && moment.at >= expiresAt;
  return isOvertaken ? { ...moment, at } : moment;
}

async function endedAs({ books }: BatchDeps, { order, item }: One, end: BatchEnd): Promise<BatchEnded> {
  const { id, choice } = item;
  const decision = await books.decisions.find(id);
  const isDone = end.kind === "clicked" && (end.result.kind === "accepted" || end.result.kind === "counted");
  // Who was refused at the door was written down there.
  if (!isDone && end.kind !== "refused")
    await books.audit.record({
      ...{ actor: order.by.userId, action: `decision.${choice}`, subject: id, outcome: "refused" },
      detail: end.kind === "clicked" ? end.result.kind : end.kind,
    });
  const state = decision?.state;
  return {
    title: decision?.title ?? "",
    cardUrl: decision?.cardUrl ?? null,
    choice,
    end: end.kind === "clicked" ? { ...end, replacementUrl: await replacementUrl(books, end.result) } : end,
    undoUntil: isDone && state?.kind === "undoable" ? state.until : null,
  };
}

async function replacementUrl(
  { decisions }: BatchDeps["books"],
  result: Extract<BatchEnd, { kind: "clicked" }>["result"],
): Promise<string | null> {
  if (result.kind !== "stale" || result.replacement === null) return null;
  return (await decisions.find(result.replacement))?.cardUrl ?? null;
}
