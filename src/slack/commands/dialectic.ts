/** `/emm dialectic <decision or question>`: all three advisers on an open decision, or on a new question. */
import { readDecisionQuery } from "../../domain/decision-query.ts";
import { DIALECTIC_CAPTURE } from "../../domain/talk.ts";
import type { AuditDesk } from "../audit-ports.ts";
import { CAPTURE_ACTION } from "../capture-form.ts";
import { addedText } from "../cards/capture-notes.ts";
import { DIALECTIC_USAGE, noDecision, whichDecision } from "../cards/question-words.ts";
import { type DialecticDeps, orderDialectic } from "../dialectic-order.ts";
import type { MemberGate } from "../member-gate.ts";
import { titleOf } from "../message-text.ts";
import type { PollDesk } from "../poll-ports.ts";
import type { Capture, DecisionDesk } from "../ports.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface DialecticCommandDeps extends DialecticDeps {
  desk: Pick<DecisionDesk, "pending">;
  audits: Pick<AuditDesk, "search">;
  capture: Capture;
  members: MemberGate;
  polls: Pick<PollDesk, "held">;
  decisionsChannel: string;
}

/** Fewer words name something; they do not ask. */
const QUESTION_WORDS = 4;

export function dialectic(deps: DialecticCommandDeps): CommandHandler {
  return async (request) => {
    const { userId, teamId, text } = request;
    const attempt = { userId, teamId, action: CAPTURE_ACTION, subject: "dialectic" };
    const permission = await deps.members(attempt);
    if (!permission.ok) return permission.reason;
    if (text === "") return DIALECTIC_USAGE;
    const found = await named(deps, text);
    const [first] = found;
    if (found.length > 1) return whichDecision(found);
    if (first) {
      const user = { id: userId, team_id: teamId };
      return orderDialectic(deps, { decisionId: first.id, user });
    }
    return isQuestion(text) ? captured(deps, request) : noDecision(text);
  };
}

/** By id or link any decision; by words those that are open. */
async function named({ desk, audits }: DialecticCommandDeps, text: string) {
  const query = readDecisionQuery(text);
  if (query === null) return [];
  if (query.kind === "id" || query.kind === "message") return audits.search(query);
  if (query.kind === "prefix") {
    const found = await audits.search({ ...query, words: query.words });
    if (found.length > 0) return found;
  }
  const open = await desk.pending();
  return open.filter(({ title }) => query.words.every((word) => title.toLowerCase().includes(word)));
}

/** A link or an id that leads nowhere is no question. */
function isQuestion(text: string): boolean {
  const kind = readDecisionQuery(text)?.kind;
  return kind === "words" && text.split(/\s+/).length >= QUESTION_WORDS;
}

async function captured(
  { capture, polls, decisionsChannel }: DialecticCommandDeps,
  { userId, triggerId, text }: CommandRequest,
): Promise<string> {
  const title = titleOf(text);
  const item = { title, content: text, source: "Slack", requestedBy: userId };
  await capture.add(`${DIALECTIC_CAPTURE}:${triggerId}`, item, null);
  const added = addedText({ title, held: await polls.held(), decisionsChannel, tellIn: "direct message" });
  return `${added}\nAll three advisers will be heard on it.`;
}
