/** The submitted form of several decisions: read, and handed on to be carried out whatever becomes of this process. */
import { createHash } from "node:crypto";
import type { BatchItem, BatchOrder } from "../../domain/batch.ts";
import type { BatchForms } from "../batch-door.ts";
import { batchResultView, readBatch, resultsFor } from "../cards/batch-view.ts";
import { readText } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { decodeBatchValue, INPUTS } from "../ids.ts";
import type { DecisionDesk } from "../ports.ts";
import { answerSubmission, type FormAnswer, type FormSubmission, unchanged } from "../submissions.ts";
import type { SubmitDeps } from "./submit-decision.ts";

export interface SubmitBatchDeps extends Pick<SubmitDeps, "outbound"> {
  desk: Pick<DecisionDesk, "decideBatch">;
  batchForms: BatchForms;
  now: () => Date;
}

export function submitBatch({ desk, batchForms, outbound, now }: SubmitBatchDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const { id: userId, team_id: teamId } = body.user;
    const value = decodeBatchValue(view.private_metadata);
    const reason = readText(view.state.values, INPUTS.batchReason);
    const offered = value?.items ?? [];
    const choices = readBatch(view.state.values, offered.length);
    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const items = offered.flatMap((item, index): BatchItem[] => {
        const choice = choices[index] ?? "leave";
        return choice === "leave" ? [] : [{ ...item, choice }];
      });
      if (items.length === 0) return unchanged("Everything was left open.");
      if (reason === null && choices.includes("reject")) {
        const sentence = "Please say why in a few words: it is kept with each one you reject.";
        return { kind: "field", block: INPUTS.batchReason.block, sentence };
      }
      const left = offered.length - items.length;
      const chosen = { by: { userId, teamId }, items, reason, left };
      const key = keyOf(view.id, chosen);
      const form = batchForms.wait(key);
      const decided = desk.decideBatch({ ...chosen, key, at: now().toISOString() });
      try {
        const ended = await Promise.race([form.ended, decided]);
        return { kind: "view", view: batchResultView(resultsFor(userId, ended), left), shown: form.shown };
      } catch (error) {
        form.shown(false);
        throw error;
      }
    };
    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}

/** Sent in once more, because its answer got lost, it is the same one; with other choices it is not. */
function keyOf(viewId: string, chosen: Omit<BatchOrder, "key" | "at">): string {
  const { by, items, reason } = chosen;
  const words = JSON.stringify([by.userId, items.map(({ id, hash, choice }) => [id, hash, choice]), reason]);
  return `${viewId}:${createHash("sha256").update(words).digest("hex").slice(0, 16)}`;
}
