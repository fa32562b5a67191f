/** `/emm deputy [@somebody until <YYYY-MM-DD> | off]`: lends one's own right to decide. Everybody may see who has lent it to whom. */
import { calendarOf } from "../../domain/calendar.ts";
import type { Person } from "../../domain/decision.ts";
import { endOfDay, readDeputyRequest } from "../../domain/deputy.ts";
import {
  deputiesText,
  deputyNamed,
  deputyOff,
  deputyProblem,
  NO_CHAINS,
  NO_SUCH_DEPUTY,
  OWN_DEPUTY,
  unfitDeputy,
} from "../cards/deputy-answers.ts";
import type { DeputyDesk } from "../deputy-ports.ts";
import type { Directory } from "../directory.ts";
import type { Attempt, Gate } from "../gate.ts";
import type { MemberGate } from "../member-gate.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface DeputyDeps {
  desk: DeputyDesk;
  gate: Gate;
  members: MemberGate;
  directory: Pick<Directory, "memberOf" | "may">;
  timezone: string;
  now: () => Date;
}

export function deputy(deps: DeputyDeps): CommandHandler {
  const { desk, directory, timezone, now } = deps;
  return async (request) => {
    const wish = readDeputyRequest(request.text, calendarOf(timezone).localOf(now()).date);
    switch (wish.kind) {
      case "problem":
        return deputyProblem(wish.problem, onlyOneOf(request) !== null);
      case "off":
        return end(deps, request);
      case "name":
        return name(deps, request, wish.lastDay);
      case "show": {
        const member = await directory.memberOf(request.userId);
        return member.ok ? deputiesText(await desk.inForce(), request.userId) : member.reason;
      }
    }
  };
}

/** null when nobody is named, or more than one person. */
function onlyOneOf({ mentioned }: CommandRequest): string | null {
  const [named, ...others] = mentioned;
  return named === undefined || others.some((other) => other !== named) ? null : named;
}

/** Nobody needs a right to give one back. */
async function end({ desk, members, now }: DeputyDeps, request: CommandRequest): Promise<string> {
  const { userId, teamId } = request;
  const member = await members({ userId, teamId, action: "deputy.end", subject: userId });
  if (!member.ok) return member.reason;
  const { ended } = await desk.order({ ...orderOf(request, member.person, now()), appointment: null });
  return deputyOff(ended);
}

async function name(deps: DeputyDeps, request: CommandRequest, lastDay: string): Promise<string> {
  const { desk, gate, directory, timezone, now } = deps;
  const { userId, teamId } = request;
  const named = onlyOneOf(request);
  if (named === null) return NO_SUCH_DEPUTY;
  const attempt: Attempt = {
    ...{ role: "decide", userId, teamId, fresh: true },
    ...{ action: "deputy.name", subject: named },
  };
  const permission = await gate.pass(attempt);
  if (!permission.ok) return permission.reason;
  const refuse = async (detail: string, sentence: string) => {
    await gate.refused({ attempt, detail });
    return sentence;
  };
  if (permission.person.for) return refuse("deputy-of-deputy", NO_CHAINS);
  if (named === userId) return refuse("own-deputy", OWN_DEPUTY);
  const member = await directory.memberOf(named);
  if (!member.ok) {
    const { kind } = member.refusal;
    return refuse(`deputy-${kind}`, unfitDeputy(named, kind === "lookup-failed"));
  }
  const appointment = {
    deputy: { slackId: named, name: member.person.name },
    ...{ lastDay, endsAt: endOfDay(lastDay, timezone) },
  };
  const order = { ...orderOf(request, permission.person, now()), appointment };
  const { ended } = await desk.order(order);
  const own = await directory.may("decide", named);
  const isApprover = own.ok && own.person.for === undefined;
  return deputyNamed({
    deputyship: { id: order.id, principal: order.principal, ...appointment },
    ...{ ended, isApprover },
  });
}

/** The trigger is new with every command and the same when it is sent again. */
function orderOf({ triggerId, userId }: CommandRequest, by: Person, now: Date) {
  return {
    id: `slack:${triggerId}`,
    principal: { slackId: userId, name: by.name },
    at: now.toISOString(),
  };
}
