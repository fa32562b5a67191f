/** The form behind Snooze. Pure. */
import { encodeAlertValue, INPUTS, VIEWS } from "../ids.ts";
import { cleanText, clip, inertLine, LIMITS } from "../limits.ts";
import { type Modal, plain, section } from "./blocks.ts";

export interface SnoozeForm {
  id: string;
  title: string;
  isList: boolean;
  /** `at` in ISO. */
  morning: { at: string; timezone: string };
}

export const SNOOZE_HOW = ["hour", "morning", "chosen"] as const;
export type SnoozeHow = (typeof SNOOZE_HOW)[number];

export function snoozeView({ id, title, isList, morning }: SnoozeForm): Modal {
  const words: Record<SnoozeHow, string> = {
    hour: "For 1 hour",
    morning: `Until ${morningWords(morning)}`,
    chosen: "Until the time below",
  };
  const options = SNOOZE_HOW.map((how) => ({ text: plain(words[how], LIMITS.optionText), value: how }));
  return {
    type: "modal",
    callback_id: VIEWS.snooze,
    private_metadata: encodeAlertValue({ id, isList }),
    title: plain("Snooze", LIMITS.viewTitle),
    submit: plain("Snooze", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        `*${inertLine(clip(cleanText(title), 200), 220).replace(/\*/g, "∗")}*\nIt asks again when the time is over and it is still there, or at once when it gets worse.`,
      ),
      {
        type: "input",
        block_id: INPUTS.snoozeHow.block,
        label: plain("How long?", LIMITS.inputLabel),
        element: {
          type: "radio_buttons",
          action_id: INPUTS.snoozeHow.action,
          options,
          ...(options[0] ? { initial_option: options[0] } : {}),
        },
      },
      {
        type: "input",
        block_id: INPUTS.snoozeUntil.block,
        optional: true,
        label: plain("Time, for the last choice", LIMITS.inputLabel),
        element: { type: "datetimepicker", action_id: INPUTS.snoozeUntil.action },
      },
    ],
  };
}

/** "Saturday 09:00 (Europe/Berlin)": a modal's plain text knows no reader's time zone. */
function morningWords({ at, timezone }: SnoozeForm["morning"]): string {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, weekday: "long" });
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit" });
  const moment = new Date(at);
  return `${day.format(moment)} ${time.format(moment)} (${timezone})`;
}
