/**
 * Keeps the messages about alerts equal to what the store says: posts them once, edits them in place, replies in their
 * threads. When that is due, and where an alert belongs, is decided elsewhere; whoever was killed on the way is
 * followed by somebody who looks at the store again.
 */
import {
  type AlertRecord,
  drawDueAt,
  groupDrawDueAt,
  groupNoteDue,
  groupTally,
  mustPost,
  mustPostGroup,
  noteDue,
  OWN,
  toldNow,
} from "../domain/alert-display.ts";
import { isOpen } from "../domain/alert-life.ts";
import type { AlertBook, AlertGroupBook, AlertWall, GroupView, HoldNow } from "./alert-ports.ts";
import type { Exclusive } from "./books.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import { createLanes } from "./lanes.ts";

export interface AlertWorkflowDeps {
  book: AlertBook & AlertGroupBook;
  wall: AlertWall;
  hold: HoldNow;
  exclusive: Exclusive;
  now: () => Date;
}

/** A message is an alert's own or a group's; ids never collide. */
export type MessageId = { kind: "own" | "group"; id: string };

export type AlertMessages = ReturnType<typeof registerAlertMessages>;

/**
 * Each holds one of the few connections for locks while Slack answers, and all other work needs those too: a Slack that
 * hangs while many alerts are open must stop nothing else. Slack takes them one after the other anyway.
 */
const AT_ONCE = 2;

export function registerAlertMessages(deps: AlertWorkflowDeps) {
  const lanes = createLanes(AT_ONCE);
  const draw = ({ kind, id }: MessageId): Promise<void> =>
    lanes(() =>
      deps.exclusive(`alert:${id}`, () => (kind === "own" ? drawOwn(deps, id) : drawGroup(deps, id))),
    );

  const show = registerWorkflow("alert", async (message: MessageId): Promise<void> => {
    await step(`alert:${message.id}`, () => draw(message));
  });
  /** For the sweep: it comes by again, so this does not wait for Slack. */
  const repair = registerWorkflow("alert-repair", async (message: MessageId): Promise<void> => {
    await stepOnce(`alert:${message.id}`, () => draw(message));
  });

  return {
    /** `version` names the state that is to be shown: one run for each. */
    show: (message: MessageId, version: string) => startOnce(`alert:${message.id}:${version}`, show, message),
    repair: (message: MessageId, occasion: string) =>
      startOnce(`alert-repair:${message.id}:${occasion}`, repair, message),
  };
}

/** Draws at least once when there is something new, and goes on while more is due. */
async function drawOwn(deps: AlertWorkflowDeps, id: string): Promise<void> {
  const { book, wall, now } = deps;
  for (let isFirst = true; ; isFirst = false) {
    const alert = await book.find(id);
    if (alert === null || alert.shown.place !== OWN) return;
    const { card, rev } = alert.shown;
    const at = now();
    if (card === null) {
      if (!mustPost(alert)) return;
      // An earlier try may be in the channel: readers see at least what the first one said.
      await book.begun(id, alert.rev, at);
      await book.posted(id, { card: await wall.post(alert), told: toldNow(alert, 0, at) });
    } else if (rev < alert.rev && (isFirst || isDue(drawDueAt(alert, at), at))) {
      const result = await wall.update(alert, card);
      if (result === "gone" && isOpen(alert)) await book.lost(id);
      else await book.drawn(id, alert.rev, at);
    } else if (!(await sayWhatIsDue(deps, alert))) return;
  }
}

function isDue(moment: number | null, now: Date): boolean {
  return moment !== null && moment <= now.getTime();
}

async function sayWhatIsDue({ book, wall, hold, now }: AlertWorkflowDeps, alert: AlertRecord) {
  const at = now();
  const note = noteDue(alert, await hold(at), at);
  if (note === null) return false;
  if ((await wall.reply(alert, note)) === "gone") await book.lost(alert.id);
  else await book.told(alert.id, toldNow(alert, (alert.shown.told?.no ?? 0) + 1, at));
  return true;
}

async function drawGroup(deps: AlertWorkflowDeps, id: string): Promise<void> {
  const { book, wall, now } = deps;
  for (let isFirst = true; ; isFirst = false) {
    const group = await book.group(id);
    if (group === null) return;
    const members = await book.members(id);
    const view = { group, members };
    const at = now();
    const isStale = members.some((alert) => alert.shown.rev < alert.rev);
    if (group.card === null) {
      if (!mustPostGroup(group, members)) return;
      if (group.at === null) await book.groupDrawn(id, members, at);
      const card = await wall.postGroup(view);
      await book.groupPosted(id, { card, told: { ...groupTally(members), at: at.toISOString(), no: 0 } });
    } else if (isStale && (isFirst || isDue(groupDrawDueAt(group, members, at), at))) {
      const result = await wall.updateGroup(view, await book.beginDraw(id));
      if (result === "gone" && members.some(isOpen)) await book.groupLost(id);
      else await book.groupDrawn(id, members, at);
    } else if (!(await sayToGroup(deps, view))) return;
  }
}

async function sayToGroup({ book, wall, hold, now }: AlertWorkflowDeps, view: GroupView): Promise<boolean> {
  const at = now();
  const note = groupNoteDue(view.group, view.members, { hold: await hold(at), now: at });
  if (note === null) return false;
  const { id, told } = view.group;
  const tally = { ...groupTally(view.members), at: at.toISOString(), no: (told?.no ?? 0) + 1 };
  if ((await wall.replyToGroup(view, note)) === "gone") await book.groupLost(id);
  else await book.groupTold(id, tally);
  return true;
}
