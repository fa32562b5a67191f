/** The submitted snooze form: the right is checked again, because a form may have been open for long. */
import { z } from "zod";
import { attemptOf } from "../actions/alert.ts";
import type { AlertDesk, SnoozeChoice } from "../alert-ports.ts";
import {
  deedSentence,
  SNOOZE_TIME_MISSING,
  SNOOZE_TIME_PAST,
  SNOOZE_TOO_LONG,
} from "../cards/alert-notes.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { SNOOZE_HOW } from "../cards/snooze-view.ts";
import type { Gate } from "../gate.ts";
import { decodeAlertValue, INPUTS } from "../ids.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

export interface SnoozeDeps {
  desk: AlertDesk;
  gate: Gate;
  outbound: Submission["outbound"];
  now: () => Date;
}

const LONGEST_MS = 30 * 86_400_000;

export function submitSnooze({ desk, gate, outbound, now }: SnoozeDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeAlertValue(view.private_metadata);
    const attempt = attemptOf(body.user, { kind: "snooze", id: value?.id ?? "unreadable", fresh: true });
    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const permission = await gate.pass(attempt);
      if (!permission.ok) return turnedAway(permission, INPUTS.snoozeHow.block);
      const read = readChoice(view.state.values, now());
      if ("problem" in read) return { kind: "field", ...read };
      const deed = { kind: "snooze", choice: read.choice } as const;
      const result = await desk.act(value.id, deed, permission.person);
      if (result.kind !== "done") await gate.refused({ attempt, detail: result.kind });
      const sentence = deedSentence(result, deed, { isList: value.isList === true });
      if (sentence === null) return { kind: "done" };
      return result.kind === "done" ? { kind: "modal", title: "Snoozed", sentence } : unchanged(sentence);
    };
    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}

const Chosen = z.object({
  [INPUTS.snoozeHow.block]: z.object({
    [INPUTS.snoozeHow.action]: z.object({ selected_option: z.object({ value: z.enum(SNOOZE_HOW) }) }),
  }),
});
const Until = z.object({
  [INPUTS.snoozeUntil.block]: z.object({
    [INPUTS.snoozeUntil.action]: z.object({ selected_date_time: z.number() }),
  }),
});

type Read = { choice: SnoozeChoice } | { problem: true; block: string; sentence: string };

function readChoice(values: unknown, now: Date): Read {
  const how = Chosen.safeParse(values).data?.[INPUTS.snoozeHow.block]?.[INPUTS.snoozeHow.action];
  const kind = how?.selected_option.value ?? "hour";
  if (kind !== "chosen") return { choice: kind };
  const until = Until.safeParse(values).data?.[INPUTS.snoozeUntil.block]?.[INPUTS.snoozeUntil.action];
  const problem = (sentence: string): Read => ({
    problem: true,
    block: INPUTS.snoozeUntil.block,
    sentence,
  });
  if (until === undefined) return problem(SNOOZE_TIME_MISSING);
  const moment = until.selected_date_time * 1_000;
  if (moment <= now.getTime()) return problem(SNOOZE_TIME_PAST);
  if (moment > now.getTime() + LONGEST_MS) return problem(SNOOZE_TOO_LONG);
  return { choice: { until: new Date(moment).toISOString() } };
}
