/** Somebody wants all three advisers to speak: checked, ordered, and told how it went. */
import type { DialecticStart } from "../domain/talk.ts";
import { type attemptOf, TALK_ACTIONS } from "./actions/question.ts";
import { GARBLED_BUTTON } from "./cards/notes.ts";
import { ALL_HEARD, runningWords, startedWords } from "./cards/question-words.ts";
import { explain } from "./gate.ts";
import type { TalkGate } from "./talk-gate.ts";
import type { TalkDesk } from "./talk-ports.ts";

export interface DialecticDeps {
  talk: TalkDesk;
  talkGate: TalkGate;
}

/** The answer for the person, inert. */
export async function orderDialectic(
  { talk, talkGate }: DialecticDeps,
  { decisionId, user }: { decisionId: string; user: Parameters<typeof attemptOf>[0] },
): Promise<string> {
  const action = TALK_ACTIONS.dialectic;
  const attempt = { userId: user.id, teamId: user.team_id, action, subject: decisionId };
  const decision = await talk.find(decisionId);
  const permission = await talkGate.pass(attempt, decision);
  if (!permission.ok) return permission.reason;
  const by = permission.person;
  const result: DialecticStart = await talk.startDialectic({ decisionId, by });
  if (result.kind !== "started") await talkGate.refused(attempt, result.kind);
  switch (result.kind) {
    case "started":
      return startedWords(decision?.title ?? "it");
    case "running":
      return runningWords(result.order);
    case "all-heard":
      return ALL_HEARD;
    default:
      return (await explain(talk, result, by)) ?? GARBLED_BUTTON;
  }
}
