/** The submitted form of several decisions: each is checked, decided and audited by itself, and its result is said. */

import { hasLowImpact } from "../../domain/batch.ts";
import {
  type BatchChoice,
  type BatchResult,
  batchResultText,
  batchResultView,
  readBatch,
} from "../cards/batch-view.ts";
import { textMessage } from "../cards/blocks.ts";
import { readText } from "../cards/edit-view.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { type Attempt, explain, standing } from "../gate.ts";
import { type DecisionValue, decodeBatchValue, INPUTS } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import { answerSubmission, type FormAnswer } from "../replies.ts";
import type { FormSubmission, SubmitDeps } from "./submit-decision.ts";

export interface SubmitBatchDeps extends Omit<SubmitDeps, "outbound"> {
  outbound: Pick<Outbound, "openDm" | "post">;
}

export function submitBatch(deps: SubmitBatchDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const { id: userId, team_id: teamId } = body.user;
    const value = decodeBatchValue(view.private_metadata);
    const reason = readText(view.state.values, INPUTS.batchReason);
    const items = value?.items ?? [];
    const choices = readBatch(view.state.values, items.length);
    const work = async (): Promise<FormAnswer> => {
      if (value === null) return closed(GARBLED_BUTTON);
      if (choices.every((choice) => choice === "leave")) return closed("Everything was left open.");
      if (reason === null && choices.includes("reject")) {
        const sentence = "Please say why in a few words: it is kept with each one you reject.";
        return { kind: "field", block: INPUTS.batchReason.block, sentence };
      }
      const results: BatchResult[] = [];
      for (const [index, item] of items.entries()) {
        const choice = choices[index] ?? "leave";
        // The person is asked after once; a right that ends meanwhile is seen within seconds.
        const attempt = { userId, teamId, fresh: results.length === 0 };
        if (choice !== "leave") results.push(await decideOne(deps, { item, choice, reason, attempt }));
      }
      const left = items.length - results.length;
      const sentence = batchResultText(results, left);
      return { kind: "view", view: batchResultView(results, left), sentence };
    };
    const tellLater = (sentence: string) => tellDirectly(deps.outbound, { userId, key: view.id, sentence });
    await answerSubmission({ ack, work, tellLater });
  };
}

interface OneDecision {
  item: DecisionValue;
  choice: Exclude<BatchChoice, "leave">;
  reason: string | null;
  attempt: Pick<Attempt, "userId" | "teamId" | "fresh">;
}

async function decideOne(
  { desk, gate }: SubmitBatchDeps,
  { item: { id, hash }, choice, reason, attempt: who }: OneDecision,
): Promise<BatchResult> {
  const attempt: Attempt = { ...who, role: "decide", action: `decision.${choice}`, subject: id };
  const permission = await gate.pass(attempt);
  const decision = await desk.find(id);
  const about = { title: decision?.title ?? "", url: decision?.cardUrl ?? null, choice, undoUntil: null };
  if (!permission.ok) return { ...about, sentence: permission.reason };
  if (decision !== null && !hasLowImpact(decision)) {
    await gate.refused({ attempt, detail: "high-impact" });
    return { ...about, sentence: HIGH };
  }
  const by = permission.person;
  const result =
    standing(decision, hash) ??
    (await desk.decide({
      ...{ decisionId: id, hash, by },
      choice: choice === "approve" ? { kind: "approve" } : { kind: "reject", reason: reason ?? "" },
    }));
  const sentence = await explain(desk, result, by);
  if (sentence !== null) {
    await gate.refused({ attempt, detail: result.kind });
    return { ...about, sentence };
  }
  const state = (await desk.find(id))?.state;
  return { ...about, sentence, undoUntil: state?.kind === "undoable" ? state.until : null };
}

const HIGH =
  "This has too high an impact to be decided with others. Nothing was decided. Please decide on its card.";

function closed(sentence: string): FormAnswer {
  return { kind: "modal", title: "Nothing was changed", sentence };
}

async function tellDirectly(
  outbound: SubmitBatchDeps["outbound"],
  { userId, key, sentence }: { userId: string; key: string; sentence: string },
): Promise<void> {
  const dm = await outbound.openDm(userId);
  if (dm === null) return;
  await outbound.post({ key: `batch-answer:${key}`, channels: [dm], message: () => textMessage(sentence) });
}
