/**
 * Who may decide what in a form of several decisions, and how they hear what came of it: in the form while it waits for that
 * in this process, else in a direct message.
 */
import type { BatchEnded } from "../domain/batch.ts";
import type { BatchDoor } from "../workflows/batch-ports.ts";
import { batchResultText, resultsFor } from "./cards/batch-view.ts";
import { textMessage } from "./cards/blocks.ts";
import type { Gate } from "./gate.ts";
import type { Outbound } from "./outbound.ts";
import { within } from "./time-limit.ts";

/** Longer than Slack lets a form wait. */
const SHOWN_WITHIN_MS = 5_000;

/** Forms that were sent in to this process and have no answer yet. */
export interface BatchForms {
  /** `ended` resolves with what is to be shown; say then whether it was. */
  wait(key: string): { ended: Promise<BatchEnded[]>; shown(isShown: boolean): void };
  /** Whether somebody waited for it here, and has shown it. */
  show(key: string, ended: BatchEnded[]): Promise<boolean>;
}

interface WaitingForm {
  give(ended: BatchEnded[]): void;
  shown: Promise<{ isShown: boolean }>;
}

function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

export function createBatchForms(): BatchForms {
  const waiting = new Map<string, WaitingForm>();
  return {
    wait(key) {
      const ended = later<BatchEnded[]>();
      const shown = later<{ isShown: boolean }>();
      const form = { give: ended.resolve, shown: shown.promise };
      waiting.set(key, form);
      return {
        ended: ended.promise,
        shown(isShown) {
          if (waiting.get(key) === form) waiting.delete(key);
          shown.resolve({ isShown });
        },
      };
    },
    async show(key, ended) {
      const form = waiting.get(key);
      if (form === undefined) return false;
      form.give(ended);
      const shown = await within(form.shown, SHOWN_WITHIN_MS);
      if (shown === "late") waiting.delete(key);
      return shown !== "late" && shown.isShown;
    },
  };
}

interface BatchDoorParts {
  gate: Gate;
  forms: Pick<BatchForms, "show">;
  outbound: Pick<Outbound, "openDm" | "post">;
}

export function createBatchDoor({ gate, forms, outbound }: BatchDoorParts): BatchDoor {
  return {
    may: ({ by }, { id, choice }, { fresh }) =>
      gate.pass({ ...by, role: "decide", action: `decision.${choice}`, subject: id, fresh }),
    async tell({ key, by: { userId }, left }, ended) {
      if (await forms.show(key, ended)) return;
      const message = textMessage(batchResultText(resultsFor(userId, ended), left));
      const dm = await outbound.openDm(userId);
      if (dm !== null)
        await outbound.post({ key: `form-answer:${key}`, channels: [dm], message: () => message });
    },
  };
}
