/** What people do about alerts: acknowledge, snooze, resolve, list. One alert or all of a shared message at once. */
import type { AlertRecord } from "../domain/alert-display.ts";
import { type Acting, type AlertAct, type AlertActResult, bySeverity, isOpen } from "../domain/alert-life.ts";
import { DAY_MS, HOUR_MS } from "../domain/calendar.ts";
import { nextAt } from "../domain/quiet-hours.ts";
import type { AlertDeed, AlertDeedResult, AlertDesk, SnoozeChoice } from "../slack/alert-ports.ts";
import type { HoldNow } from "./ports.ts";

export interface DeskBook {
  find(id: string): Promise<AlertRecord | null>;
  open(): Promise<AlertRecord[]>;
  resolvedSince(moment: Date, limit: number): Promise<AlertRecord[]>;
  members(groupId: string): Promise<AlertRecord[]>;
  /** Also written to the audit, in the same transaction. */
  act(id: string, act: AlertAct, acting: Acting): Promise<AlertActResult>;
}

export interface DeskDeps {
  book: DeskBook;
  hold: HoldNow;
  timezone: string;
  ackHours: number;
  now: () => Date;
  /** They are looking at the message. */
  showNow: (alerts: readonly AlertRecord[]) => Promise<void>;
}

const MORNING = "09:00";
const RECENT = 5;

export function createAlertDesk(deps: DeskDeps): AlertDesk {
  const { book, now } = deps;
  const subjects = async (id: string): Promise<AlertRecord[]> => {
    const alert = await book.find(id);
    return alert === null ? book.members(id) : [alert];
  };
  const morning = () => nextAt(deps.timezone, now(), MORNING).toISOString();
  const untilOf = (choice: SnoozeChoice): string => {
    if (choice === "hour") return new Date(now().getTime() + HOUR_MS).toISOString();
    return choice === "morning" ? morning() : choice.until;
  };
  const actOf = (deed: AlertDeed): AlertAct => {
    if (deed.kind === "resolve") return deed;
    if (deed.kind === "snooze") return { kind: "snooze", until: untilOf(deed.choice) };
    return { kind: "acknowledge", until: new Date(now().getTime() + deps.ackHours * HOUR_MS).toISOString() };
  };
  return {
    morning: () => ({ at: morning(), timezone: deps.timezone }),
    async find(id) {
      const found = await subjects(id);
      const [first] = found;
      if (first === undefined) return null;
      const open = found.filter(isOpen).length;
      return { title: found.length === 1 ? first.title : `${found.length} problems`, open };
    },
    async overview() {
      const open = (await book.open()).toSorted(bySeverity);
      const recent = await book.resolvedSince(new Date(now().getTime() - DAY_MS), RECENT);
      return { open, recent, hold: await deps.hold(now()) };
    },
    async act(id, deed, by) {
      const act = actOf(deed);
      const found = await subjects(id);
      const [only] = found;
      if (only === undefined) return { kind: "not-found" };
      const results: AlertActResult[] = [];
      // What joined a shared message since it was drawn was not seen by whoever clicks.
      const meant = found.length === 1 ? [only] : found.filter((one) => isOpen(one) && one.shown.rev > 0);
      for (const alert of meant) {
        results.push(await book.act(alert.id, act, { by, now: now() }));
      }
      await deps.showNow(await subjects(id));
      return summed(results, { act, first: only });
    },
  };
}

function summed(
  results: AlertActResult[],
  { act, first }: { act: AlertAct; first: AlertRecord },
): AlertDeedResult {
  const count = results.filter((result) => result.kind === "done").length;
  if (count > 0) {
    const until = act.kind === "resolve" ? null : act.until;
    return { kind: "done", count, until, left: results.length - count };
  }
  const refusal = results.find((result) => result.kind !== "done");
  return refusal ?? { kind: "already", state: first.state };
}
