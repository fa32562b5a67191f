/** `/emm rollback`: how it stands, or the form to go back to a deployment. For operators. */
import { chooseTarget } from "../../domain/deployment.ts";
import { refusedTarget, rollbackStatusMessage } from "../cards/rollback-status.ts";
import type { Gate } from "../gate.ts";
import { inert } from "../limits.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, type Prepared, type Reply } from "../replies.ts";
import { prepareRollbackForm, type RollbackFormDeps } from "../rollback-form.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface RollbackDeps extends RollbackFormDeps {
  gate: Gate;
  outbound: Pick<Outbound, "openModal" | "updateModal">;
}

const USAGE =
  "`/emm rollback` shows what is live and what it would go back to. `/emm rollback to <commit or deployment>` asks for it; `/emm deploys` lists them.";
const OPENED =
  "Nothing happens until you confirm in the form. Closed it? Send the command once more and it opens again.";

export function rollback(deps: RollbackDeps): CommandHandler {
  return async (request) => {
    const { text } = request;
    const [, typed] = /^to\s+(\S+)$/i.exec(text) ?? [];
    if (typed !== undefined) return askFor(deps, request, typed);
    return text === "" || text.toLowerCase() === "status" ? status(deps, request) : USAGE;
  };
}

async function status({ desk, gate }: RollbackDeps, { userId, teamId }: CommandRequest): Promise<Reply> {
  const attempt = { role: "operate", userId, teamId, action: "rollback.status", subject: "live" } as const;
  const permission = await gate.pass(attempt);
  if (!permission.ok) return permission.reason;
  const [answer, plan, latest] = await Promise.all([desk.deployments(), desk.plan(), desk.latestRollback()]);
  if (!answer.ok) return inert(answer.failure.message, 1_000);
  return rollbackStatusMessage({ deployments: answer.value, plan, latest });
}

async function askFor(deps: RollbackDeps, request: CommandRequest, typed: string): Promise<Reply> {
  const { userId, teamId, triggerId } = request;
  const subject = typed.slice(0, 100);
  const attempt = { role: "operate", userId, teamId, action: "rollback.ask", subject } as const;
  const prepare = async (): Promise<Prepared> => {
    const permission = await deps.gate.pass(attempt);
    if (!permission.ok) return { refusal: permission.reason };
    return prepareRollbackForm(deps, (deployments) => {
      const target = chooseTarget(typed, deployments);
      return target.kind === "found" ? target : { refusal: refusedTarget(typed, target) };
    });
  };
  let reply = OPENED;
  const refuse = async (sentence: string) => {
    reply = sentence;
  };
  await openPrepared({ outbound: deps.outbound, triggerId, title: "Roll back", prepare, refuse });
  return reply;
}
