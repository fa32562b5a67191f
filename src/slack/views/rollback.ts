/** The submitted form: the typed name and the right are checked again, then it is durable. */
import { liveOf, shortName } from "../../domain/deployment.ts";
import { MOVED_ON } from "../actions/rollback.ts";
import { textMessage } from "../cards/blocks.ts";
import { readText } from "../cards/edit-view.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { busySentence } from "../cards/rollback-card.ts";
import { isConfirmed } from "../cards/rollback-view.ts";
import type { Attempt, Gate } from "../gate.ts";
import { decodeRollbackValue, INPUTS } from "../ids.ts";
import { inert } from "../limits.ts";
import type { Outbound } from "../outbound.ts";
import type { AuditTrail } from "../ports.ts";
import { answerSubmission, type FormAnswer } from "../replies.ts";
import type { DeploymentDesk } from "../rollback-ports.ts";
import type { FormSubmission } from "./submit-decision.ts";

export interface SubmitRollbackDeps {
  desk: DeploymentDesk;
  gate: Gate;
  audit: AuditTrail;
  outbound: Pick<Outbound, "whisper" | "openDm" | "post">;
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
    await answerSubmission({
      ack,
      work: () =>
        value === null
          ? Promise.resolve(closed(GARBLED_BUTTON))
          : begin(deps, { attempt, key: view.id, value, typed }),
      tellLater: (sentence) => tellDirectly(deps.outbound, { userId, key: view.id, sentence }),
    });
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
  if (!permission.ok) {
    return permission.refusal.kind === "lookup-failed" ? again(permission.reason) : closed(permission.reason);
  }
  const refuse = async (detail: string, answer: FormAnswer) => {
    await gate.refused({ attempt, detail });
    return answer;
  };
  const answer = await desk.deployments();
  if (!answer.ok) return refuse(answer.failure.kind, again(inert(answer.failure.message, 900)));
  const target = answer.value.list.find((deployment) => deployment.id === value.id);
  const live = liveOf(answer.value);
  if (target === undefined || live?.id !== value.live) return refuse("moved-on", closed(MOVED_ON));
  if (!isConfirmed(typed, target)) {
    return refuse("not-confirmed", again(`To confirm, type ${shortName(target)}.`));
  }
  const started = await desk.rollBack({ key, target, from: live, by: permission.person });
  if (started.kind === "busy") return refuse("busy", closed(busySentence(started.active)));
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

function closed(sentence: string): FormAnswer {
  return { kind: "modal", title: "Nothing was changed", sentence };
}

async function tellDirectly(
  outbound: SubmitRollbackDeps["outbound"],
  { userId, key, sentence }: { userId: string; key: string; sentence: string },
): Promise<void> {
  const dm = await outbound.openDm(userId);
  if (dm === null) return;
  await outbound.post({
    key: `rollback-answer:${key}`,
    channels: [dm],
    message: () => textMessage(sentence),
  });
}
