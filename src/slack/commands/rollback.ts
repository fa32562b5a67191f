/** `/emm rollback`: how it stands, or the form to go back to a deployment. For operators. */
import { chooseTarget } from "../../domain/deployment.ts";
import { refusedTarget, rollbackStatusMessage } from "../cards/rollback-status.ts";
import type { Gate } from "../gate.ts";
import { inert } from "../limits.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, type Reply } from "../replies.ts";
import { prepareRollbackForm, type RollbackFormDeps } from "../rollback-form.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface RollbackDeps extends RollbackFormDeps {
  gate: Gate;
  outbound: Pick<Outbound, "openModal" | "updateModal">;
}

const USAGE =
  "`/emm rollback` shows what is live and what it would go back to. `/emm rollback to <commit or deployment>` asks for it; `/emm deploys` lists them.";
const OPENED = "Nothing happens until you confirm in the form that I opened for you.";

export function rollback(deps: RollbackDeps): CommandHandler {
  return async (request) => {
    const { userId, teamId, text } = request;
    const [, typed] = /^to\s+(\S+)$/i.exec(text) ?? [];
    const isStatus = text === "" || text.toLowerCase() === "status";
    if (!isStatus && typed === undefined) return USAGE;
    const action = isStatus ? "rollback.status" : "rollback.ask";
    const attempt = {
      role: "operate",
      userId,
      teamId,
      action,
      subject: typed?.slice(0, 100) ?? "status",
    } as const;
    const permission = await deps.gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    return typed === undefined ? status(deps) : askFor(deps, request, typed);
  };
}

async function status({ desk }: RollbackDeps): Promise<Reply> {
  const [answer, plan, latest] = await Promise.all([desk.deployments(), desk.plan(), desk.latestRollback()]);
  if (!answer.ok) return inert(answer.failure.message, 1_000);
  return rollbackStatusMessage({ deployments: answer.value, plan, latest });
}

async function askFor(deps: RollbackDeps, { triggerId }: CommandRequest, typed: string): Promise<Reply> {
  let reply = OPENED;
  await openPrepared({
    outbound: deps.outbound,
    triggerId,
    title: "Roll back",
    prepare: () =>
      prepareRollbackForm(deps, (deployments) => {
        const target = chooseTarget(typed, deployments);
        return target.kind === "found" ? target : { refusal: refusedTarget(typed, target) };
      }),
    refuse: async (sentence) => {
      reply = sentence;
    },
  });
  return reply;
}
