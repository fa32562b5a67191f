/** The submitted form: the typed name and the right are checked again, then it is durable. */
import { liveOf, shortName } from "../../domain/deployment.ts";
import { MOVED_ON } from "../actions/rollback.ts";
import { readText } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { busySentence } from "../cards/rollback-card.ts";
import { isConfirmed } from "../cards/rollback-view.ts";
import type { Attempt, Gate } from "../gate.ts";
import { decodeRollbackValue, INPUTS } from "../ids.ts";
import { inert } from "../limits.ts";
import type { AuditTrail } from "../ports.ts";
import type { DeploymentDesk } from "../rollback-ports.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

export interface SubmitRollbackDeps {
  desk: DeploymentDesk;
  gate: Gate;
  audit: AuditTrail;
  outbound: Submission["outbound"];
  alertsChannel: string;
}

export function submitRollback(deps: SubmitRollbackDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const { id: userId, team_id: teamId } = body.user;
    const value = decodeRollbackValue(view.private_metadata);
    const attempt: Attempt = {
      ...{ role: "operate", userId, teamId, action: "rollback.start", fresh: true },
      subject: value?.id ?? "unreadable",
    };
    const typed = readText(view.state.values, INPUTS.rollbackName);
    const work = async () =>
      value === null ? unchanged(DEAD_FORM) : begin(deps, { attempt, key: view.id, value, typed });
    await answerSubmission({ form: { ack, body, view }, outbound: deps.outbound, work });
  };
}

interface Submitted {
  attempt: Attempt;
  /** The same form starts one rollback, however often it is sent. */
  key: string;
  value: { id: string; live: string };
  typed: string | null;
}

async function begin(
  deps: SubmitRollbackDeps,
  { attempt, key, value, typed }: Submitted,
): Promise<FormAnswer> {
  const { desk, gate, audit, alertsChannel } = deps;
  const permission = await gate.pass(attempt);
  if (!permission.ok) return turnedAway(permission, INPUTS.rollbackName.block);
  const refuse = async (detail: string, answer: FormAnswer) => {
    await gate.refused({ attempt, detail });
    return answer;
  };
  const answer = await desk.deployments();
  if (!answer.ok) return refuse(answer.failure.kind, again(inert(answer.failure.message, 900)));
  const target = answer.value.list.find((deployment) => deployment.id === value.id);
  const live = liveOf(answer.value);
  if (target === undefined || live?.id !== value.live) return refuse("moved-on", unchanged(MOVED_ON));
  if (!isConfirmed(typed, target)) {
    return refuse("not-confirmed", again(`To confirm, type ${shortName(target)}.`));
  }
  const started = await desk.rollBack({ key, target, from: live, by: permission.person });
  if (started.kind === "busy") return refuse("busy", unchanged(busySentence(started.active)));
  const detail = `from ${shortName(live)} to ${shortName(target)}`;
  await audit.record({
    actor: attempt.userId,
    action: attempt.action,
    subject: value.id,
    outcome: "done",
    detail,
  });
  const sentence = `I follow it in <#${alertsChannel}>, also when this process is replaced on the way.`;
  return { kind: "modal", title: "Rolling back", sentence };
}

function again(sentence: string): FormAnswer {
  return { kind: "field", block: INPUTS.rollbackName.block, sentence };
}
