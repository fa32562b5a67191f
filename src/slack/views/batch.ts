/** The submitted form of several decisions: each is checked, decided and audited by itself, and its result is said. */

import { hasLowImpact } from "../../domain/batch.ts";
import {
  type BatchChoice,
  type BatchResult,
  batchResultText,
  batchResultView,
  readBatch,
} from "../cards/batch-view.ts";
import { readText } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { type Attempt, explain, standing } from "../gate.ts";
import { type DecisionValue, decodeBatchValue, INPUTS } from "../ids.ts";
import { answerSubmission, type FormAnswer, type FormSubmission, unchanged } from "../submissions.ts";
import type { SubmitDeps } from "./submit-decision.ts";

export function submitBatch(deps: SubmitDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const { id: userId, team_id: teamId } = body.user;
    const value = decodeBatchValue(view.private_metadata);
    const reason = readText(view.state.values, INPUTS.batchReason);
    const items = value?.items ?? [];
    const choices = readBatch(view.state.values, items.length);
    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      if (choices.every((choice) => choice === "leave")) return unchanged("Everything was left open.");
      if (reason === null && choices.includes("reject")) {
        const sentence = "Please say why in a few words: it is kept with each one you reject.";
        return { kind: "field", block: INPUTS.batchReason.block, sentence };
      }
      const chosen = items.flatMap((item, index): OneDecision[] => {
        const choice = choices[index] ?? "leave";
        return choice === "leave"
          ? []
          : [{ number: index + 1, item, choice, reason, by: { userId, teamId } }];
      });
      const { results, ...failure } = await decideEach(deps, chosen);
      const left = items.length - results.length;
      const sentence = batchResultText(results, left);
      return { kind: "view", view: batchResultView(results, left), sentence, ...failure };
    };
    await answerSubmission({ form: { ack, body, view }, outbound: deps.outbound, work });
  };
}

/** One after the other. When something breaks, those that were decided before stay decided, and that is said. */
async function decideEach(deps: SubmitDeps, chosen: OneDecision[]) {
  const results: BatchResult[] = [];
  for (const [index, one] of chosen.entries()) {
    try {
      // The person is asked after once; a right that ends meanwhile is seen within seconds.
      results.push(await decideOne(deps, one, index === 0));
    } catch (error) {
      if (index === 0) throw error;
      return { results: [...results, unsure(one)], broken: { error } };
    }
  }
  return { results };
}

interface OneDecision {
  /** In the form. */
  number: number;
  item: DecisionValue;
  choice: Exclude<BatchChoice, "leave">;
  reason: string | null;
  by: Pick<Attempt, "userId" | "teamId">;
}

async function decideOne(
  { desk, gate }: SubmitDeps,
  { item: { id, hash }, choice, reason, by: who }: OneDecision,
  fresh: boolean,
): Promise<BatchResult> {
  const attempt: Attempt = { ...who, role: "decide", action: `decision.${choice}`, subject: id, fresh };
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

/** Something broke while it was decided. */
function unsure({ number, choice }: OneDecision): BatchResult {
  const sentence =
    "Something went wrong. Its card shows whether it was decided; all below it were left open.";
  return { title: `Number ${number}`, url: null, choice, sentence, undoUntil: null, isUnsure: true };
}
