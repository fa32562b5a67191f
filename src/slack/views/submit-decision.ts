/** What the edit and reject forms share: check the person and the content again, decide, answer the form. */
import type { Choice, Click, DecisionRecord } from "../../domain/decision.ts";
import type { FormValues } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { explain, type Gate, standing } from "../gate.ts";
import { decodeDecisionValue } from "../ids.ts";
import type { DecisionDesk } from "../ports.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

export interface SubmitDeps {
  desk: DecisionDesk;
  gate: Gate;
  outbound: Submission["outbound"];
}

export interface DecisionForm {
  /** For the audit, e.g. "decision.edit". */
  action: string;
  /** Block that carries an error which trying again may cure. */
  errorBlock: string;
  /** The choice, or what is wrong with a field. */
  read: (
    values: FormValues,
    decision: DecisionRecord,
  ) =>
    | Choice
    /** An approval of one's own request although the policy forbids it. */
    | { kind: "break-glass"; reason: string }
    | { kind: "field"; block: string; sentence: string };
}

export function submitDecision({ desk, gate, outbound }: SubmitDeps, form: DecisionForm) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeDecisionValue(view.private_metadata);
    const { id: userId, team_id: teamId } = body.user;
    const attempt = {
      role: "decide",
      userId,
      teamId,
      action: form.action,
      subject: value?.id ?? "unreadable",
      fresh: true,
    } as const;

    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const permission = await gate.pass(attempt);
      if (!permission.ok) return turnedAway(permission, form.errorBlock);
      const decision = await desk.find(value.id);
      const obstacle = standing(decision, value.hash);
      const choice = decision === null || obstacle !== null ? null : form.read(view.state.values, decision);
      if (choice?.kind === "field") return choice;
      const by = permission.person;
      const result =
        choice === null
          ? (obstacle ?? { kind: "not-found" as const })
          : await desk.decide({ decisionId: value.id, hash: value.hash, by, ...clickOf(choice) });
      const sentence = await explain(desk, result, by);
      if (sentence === null) return { kind: "done" };
      await gate.refused({ attempt, detail: result.kind });
      return result.kind === "votes-unchecked"
        ? { kind: "field", block: form.errorBlock, sentence }
        : unchanged(sentence);
    };

    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}

function clickOf(
  choice: Choice | { kind: "break-glass"; reason: string },
): Pick<Click, "choice" | "breakGlass"> {
  if (choice.kind !== "break-glass") return { choice };
  return { choice: { kind: "approve" }, breakGlass: { reason: choice.reason } };
}
