/** What there is at the end of a round, as plain data: what people see in Notion and Slack, what the store and the logs say. */
import type { NotionRow, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import { ALERTS, buttonsOf, cell, DECISIONS } from "../flows/bot.ts";
import { decides, type Schedule } from "./schedule.ts";

export interface PipeSeen {
  id: string;
  title: string;
  intent: string;
  /** Pending, Approved, Rejected, Superseded … */
  status: string;
  decidedBy: string;
  reason: string;
  /** Link to the card. */
  slackMessage: string;
  proposedTasks: string[];
}

export interface CardSeen {
  pipe: string;
  ts: string;
  text: string;
  buttons: string[];
  /** Texts of what is in its thread and for everybody. */
  replies: string[];
}

export interface TrainingSeen {
  title: string;
  intent: string;
  outcome: string;
  decidedBy: string;
  reason: string;
  /** null = nothing is carried out. */
  tasks: string[] | null;
}

/** What the world shows. */
export interface Seen {
  inbox: { id: string; title: string; status: string; attempts: string; lastError: string }[];
  intents: { id: string; title: string; source: string; status: string; decision: string }[];
  pipes: PipeSeen[];
  cards: CardSeen[];
  training: TrainingSeen[];
  tasks: { title: string; intent: string; item: string }[];
  projects: { title: string; intent: string }[];
  log: { title: string; pipe: string; intent: string }[];
  nodes: string[];
  deadLetters: string[];
  /** What each of the bot's posts is for: never two for the same. */
  posts: string[];
}

/** What only the bot knows, read when nobody works on it any more. */
export interface Kept {
  decisions: { id: string; state: string; verdict: string | null; cardIsBehind: boolean }[];
  audit: { actor: string; action: string; subject: string; outcome: string }[];
  /** Workflows that did not end well. */
  unfinished: string[];
}

/** What the processes did that nobody should see. */
export interface Behaviour {
  /** Neither log lines nor asked for. */
  noise: string[];
  /** Processes that ended by themselves, or not as they should. */
  deaths: string[];
  /** Secrets and texts found in the log. */
  leaks: string[];
  /** Requests above a vendor's limit. */
  overLimits: string[];
}

/** A person at work; times are epoch milliseconds. */
export interface Deed {
  item: number;
  pipe: string;
  by: string;
  name: string;
  what: "approve" | "edit" | "reject" | "touch" | "approve-in-notion";
  sentAt: number;
  answeredAt: number;
  /** Slack showed no error. */
  isTaken: boolean;
  /** What was asked for with it. */
  reason: string | null;
  tasks: string[] | null;
}

/** Everything that a round came to. */
export interface Snapshot {
  schedule: Schedule;
  /** Inbox rows by planned item; none when its way there failed. */
  rowsOf: { item: number; rows: string[] }[];
  seen: Seen;
  /** null while the bot is still running. */
  kept: Kept | null;
  behaviour: Behaviour | null;
  deeds: Deed[];
  /** When something was wrong. */
  troubles: { from: number; to: number }[];
}

export function look(world: World): Seen {
  const { notion, slack } = world;
  const messages = [...slack.messages(DECISIONS), ...slack.messages(ALERTS)];
  return {
    inbox: notion.rows("System Inbox").map((row) => ({
      ...{ id: row.id, title: cell(row, "Input_Title"), status: cell(row, "Status") },
      ...{ attempts: cell(row, "Attempts"), lastError: cell(row, "Last_Error") },
    })),
    intents: notion.rows("Executive Intents").map((row) => ({
      ...{ id: row.id, title: cell(row, "Name"), source: cell(row, "Source") },
      ...{ status: cell(row, "Status"), decision: cell(row, "Decision_Made") },
    })),
    pipes: notion.rows("Action Pipes").map(pipeSeen),
    cards: messages.flatMap((message) => cardSeen(message, messages)),
    training: notion.rows("Training Data").map(trainingSeen),
    tasks: notion.rows("Tasks").map((row) => ({
      ...{ title: cell(row, "Name"), intent: cell(row, "Source Intent") },
      item: cell(row, "DB_System_Inbox"),
    })),
    projects: notion
      .rows("Projects")
      .map((row) => ({ title: cell(row, "Name"), intent: cell(row, "Source Intent") })),
    log: notion.rows("Execution Log").map((row) => ({
      ...{ title: cell(row, "Log_Entry_Title"), pipe: cell(row, "Action"), intent: cell(row, "Intent") },
    })),
    nodes: notion.rows("Nodes").map((row) => cell(row, "Name")),
    deadLetters: messages
      .filter((message) => buttonsOf(message).includes("deadletter_retry"))
      .map(({ text }) => text),
    posts: messages.flatMap(({ metadata }) => {
      const { event_payload: payload } = (metadata ?? {}) as { event_payload?: { key?: string } };
      return payload?.key === undefined ? [] : [payload.key];
    }),
  };
}

function pipeSeen(row: NotionRow): PipeSeen {
  const raw = cell(row, "AI_Raw_Output");
  const template = cell(row, "Task_Generation_Template");
  return {
    ...{ id: row.id, title: cell(row, "Action_Title"), intent: cell(row, "Intent") },
    ...{ status: cell(row, "Approval_Status"), decidedBy: cell(row, "Decided_By") },
    ...{ reason: cell(row, "Decision_Reason"), slackMessage: cell(row, "Slack_Message") },
    proposedTasks: raw === "" ? [] : template.split("\n").filter((line) => line !== ""),
  };
}

/** The pipe is in what the bot marks its posts with: "card:<pipe>:…". */
export function pipeOfCard(message: SlackMessage): string | null {
  if (message.threadTs !== null || message.visibleTo !== null) return null;
  return /"key":"card:([^:"]+)/.exec(JSON.stringify(message.metadata ?? {}))?.[1] ?? null;
}

function cardSeen(message: SlackMessage, all: SlackMessage[]): CardSeen[] {
  const pipe = pipeOfCard(message);
  if (pipe === null) return [];
  const replies = all.filter(({ threadTs, visibleTo }) => threadTs === message.ts && visibleTo === null);
  const { ts, text } = message;
  return [{ pipe, ts, text, buttons: buttonsOf(message), replies: replies.map((reply) => reply.text) }];
}

function trainingSeen(row: NotionRow): TrainingSeen {
  const final = cell(row, "Final_Plan");
  const plan = final === "" ? null : (JSON.parse(final) as { tasks?: string[] } | null);
  return {
    ...{ title: cell(row, "Title"), intent: cell(row, "Intent_ID"), outcome: cell(row, "Outcome") },
    ...{ decidedBy: cell(row, "Decided_By"), reason: cell(row, "Reason") },
    tasks: plan?.tasks ?? null,
  };
}

/** Items that somebody with the right to it means to decide. */
export function meantToBeDecided(schedule: Schedule): Set<number> {
  return new Set(schedule.acts.filter(decides).map(({ item }) => item));
}
