/** What drawing alerts needs from the world. */
import type { AlertGroup, AlertNote, AlertRecord, GroupTold, Hold, Told } from "../domain/alert-display.ts";
import type { MessageRef } from "../domain/item.ts";

export interface AlertBook {
  find(id: string): Promise<AlertRecord | null>;
  /** From here on there may be a message that shows this revision; only the first time counts. */
  begun(id: string, rev: number, at: Date): Promise<void>;
  posted(id: string, posted: { card: MessageRef; told: Told }): Promise<void>;
  drawn(id: string, rev: number, at: Date): Promise<void>;
  told(id: string, told: Told): Promise<void>;
  lost(id: string): Promise<void>;
}

export interface AlertGroupBook {
  group(id: string): Promise<AlertGroup | null>;
  members(groupId: string): Promise<AlertRecord[]>;
  beginDraw(id: string): Promise<number>;
  groupPosted(id: string, posted: { card: MessageRef; told: GroupTold }): Promise<void>;
  groupDrawn(id: string, members: readonly AlertRecord[], at: Date): Promise<void>;
  groupTold(id: string, told: GroupTold): Promise<void>;
  groupLost(id: string): Promise<void>;
}

export interface GroupView {
  group: AlertGroup;
  members: AlertRecord[];
}

/** The alerts channel. Every post is made once; "gone" = the message can no longer be changed. */
export interface AlertWall {
  post(alert: AlertRecord): Promise<MessageRef>;
  update(alert: AlertRecord, card: MessageRef): Promise<"updated" | "gone">;
  reply(alert: AlertRecord, note: AlertNote): Promise<"said" | "gone">;
  postGroup(view: GroupView): Promise<MessageRef>;
  updateGroup(view: GroupView, draw: number): Promise<"updated" | "gone">;
  replyToGroup(view: GroupView, note: { critical: number; lapsed: number }): Promise<"said" | "gone">;
}

export type HoldNow = (now: Date) => Promise<Hold | null>;
