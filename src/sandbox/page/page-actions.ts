/** What a visitor can do on the page, carried out through the stand-ins' handles as a person would. */
import { z } from "zod";
import type { Delivery } from "../stand-ins.ts";
import type { World } from "../world.ts";
import type { FaultSwitches } from "./fault-switches.ts";
import type { Journal } from "./journal.ts";
import { plainValue, titleOf } from "./notion-state.ts";
import { playable } from "./slack-state.ts";
import { stateValues } from "./view-state.ts";

const id = z.string().min(1).max(200);
const words = z.string().max(20_000);

export const actionSchema = z.discriminatedUnion("act", [
  z.object({
    act: z.literal("click"),
    as: id,
    channel: id,
    ts: id,
    action: id,
    block: words.optional(),
    selected: words.optional(),
    label: words,
  }),
  z.object({
    act: z.literal("click-in-view"),
    as: id,
    view: id,
    action: id,
    block: words.optional(),
    selected: words.optional(),
    label: words,
  }),
  z.object({
    act: z.literal("submit"),
    as: id,
    view: id,
    fields: z.array(z.object({ block: words, action: words, values: z.array(words).max(100) })).max(200),
  }),
  z.object({ act: z.literal("close-modal"), as: id }),
  z.object({ act: z.literal("say"), as: id, channel: id, text: words.min(1), threadTs: id.optional() }),
  z.object({ act: z.literal("capture"), as: id, channel: id, ts: id }),
  z.object({ act: z.literal("new"), as: id }),
  z.object({ act: z.literal("home"), as: id }),
  z.object({ act: z.literal("ask"), as: id, text: words.min(1) }),
  z.object({ act: z.literal("edit"), as: id, page: id, column: id, value: words }),
  z.object({ act: z.literal("create"), as: id, database: id, title: words.min(1) }),
  z.object({ act: z.literal("fault"), id }),
  z.object({ act: z.literal("heal") }),
  z.object({ act: z.literal("replay"), as: id }),
]);
export type Action = z.infer<typeof actionSchema>;
type ActionOf<Name extends Action["act"]> = Extract<Action, { act: Name }>;

/** `error`: a sentence to show; null when all went well. */
export interface ActionResult {
  error: string | null;
}

export interface Stage {
  world: World;
  journal: Journal;
  faults: FaultSwitches;
  /** The real Slack is used: nothing can be typed into the stand-in. */
  isSlackReal: boolean;
}

const DONE: ActionResult = { error: null };

export async function perform(stage: Stage, action: Action): Promise<ActionResult> {
  const { world, journal, faults } = stage;
  if ("as" in action && !playable(world.slack).some((user) => user.id === action.as))
    return { error: "No such person in this workspace." };
  switch (action.act) {
    case "fault": {
      const sentence = faults.turnOn(action.id);
      if (!sentence) return { error: "No such fault." };
      journal.note("fault", sentence);
      return DONE;
    }
    case "heal":
      faults.healAll();
      journal.note("fault", "Everything works again.");
      return DONE;
    case "edit":
      return editCell(stage, action);
    case "create":
      world.notion.create({
        user: notionUser(world, action.as),
        database: action.database,
        values: { [titleColumn(world, action.database)]: action.title },
      });
      return DONE;
    case "ask":
      return ask(stage, action);
    default:
      return act(stage, action);
  }
}

type SlackAction = Exclude<Action, ActionOf<"fault" | "heal" | "edit" | "create" | "ask">>;

async function act(stage: Stage, action: SlackAction): Promise<ActionResult> {
  const { slack } = stage.world;
  const user = action.as;
  switch (action.act) {
    case "click": {
      noteClick(stage, action);
      const { channel, ts, action: actionId, block, selected } = action;
      return shown(
        await slack.click({ user, channel, ts, actionId, ...optional({ blockId: block, selected }) }),
      );
    }
    case "click-in-view": {
      noteClick(stage, action);
      const { view, action: actionId, block, selected } = action;
      return shown(
        await slack.clickInView({ user, viewId: view, actionId, ...optional({ blockId: block, selected }) }),
      );
    }
    case "submit":
      return submit(stage, action);
    case "close-modal":
      await slack.closeModal(user);
      return DONE;
    case "say":
      return say(stage, action);
    case "capture":
      stage.journal.note("person", `${nameOf(stage, user)} used “Send to inbox” on a message`);
      return shown(
        await slack.shortcut({ user, callbackId: "emm_capture", channel: action.channel, ts: action.ts }),
      );
    case "new":
      stage.journal.note("person", `${nameOf(stage, user)} used the shortcut “New inbox item”`);
      return shown(await slack.shortcut({ user, callbackId: "emm_new" }));
    case "home":
      return shown(await slack.openHome(user));
    case "replay":
      stage.journal.note("fault", "Somebody replays the last signed Slack request, byte for byte");
      return shown(await slack.replayLast());
  }
}

function noteClick(stage: Stage, { as, label }: { as: string; label: string }): void {
  stage.journal.note("person", `${nameOf(stage, as)} clicked ${label}`);
}

async function submit(stage: Stage, action: ActionOf<"submit">): Promise<ActionResult> {
  const { slack } = stage.world;
  const modal = slack.modals(action.as).find((candidate) => candidate.id === action.view);
  if (!modal) return { error: "This form is no longer open." };
  stage.journal.note("person", `${nameOf(stage, action.as)} submitted the form`);
  const values = stateValues(modal.view, action.fields);
  return shown(await slack.submit({ user: action.as, viewId: action.view, values }));
}

/** Text that opens with a slash is a command, as in Slack. */
async function say(stage: Stage, action: ActionOf<"say">): Promise<ActionResult> {
  const { slack } = stage.world;
  const { as: user, channel } = action;
  const command = /^(\/[a-z]\S*)\s*([\s\S]*)$/.exec(action.text.trim());
  if (!command) {
    slack.type({ user, channel, text: action.text, ...optional({ threadTs: action.threadTs }) });
    return DONE;
  }
  const [, name = "", text = ""] = command;
  if (name !== "/emm") return { error: `${name} is not a command here. Try /emm help.` };
  if (action.threadTs) return { error: "Slack does not allow commands in threads." };
  stage.journal.note("person", `${nameOf(stage, user)} typed /emm ${text}`);
  return shown(await slack.command({ user, channel, command: name, text }));
}

async function ask(stage: Stage, action: ActionOf<"ask">): Promise<ActionResult> {
  const { world } = stage;
  const text = action.text.replaceAll(/\s+/g, " ").trim();
  if (stage.isSlackReal) {
    const values = { [titleColumn(world, "System Inbox")]: text, Status: "Unprocessed" };
    world.notion.create({ user: notionUser(world, action.as), database: "System Inbox", values });
    return DONE;
  }
  const channel = world.env["SLACK_DECISIONS_CHANNEL"] ?? "";
  return say(stage, { act: "say", as: action.as, channel, text: `/emm add ${text}` });
}

function editCell(stage: Stage, action: ActionOf<"edit">): ActionResult {
  const { notion } = stage.world;
  for (const { title, properties } of notion.databases()) {
    const row = notion.rows(title).find((candidate) => candidate.id === action.page);
    const column = properties[action.column];
    if (!row || !column) continue;
    const user = notionUser(stage.world, action.as);
    try {
      notion.edit({
        user,
        pageId: row.id,
        values: { [action.column]: plainValue(column.type, action.value) },
      });
    } catch (error) {
      if (error instanceof RangeError) return { error: error.message };
      throw error;
    }
    stage.journal.note(
      "person",
      `${nameOf(stage, action.as)} edited ${action.column} of “${titleOf(row)}” in Notion`,
    );
    return DONE;
  }
  return { error: "No such row." };
}

function titleColumn({ notion }: World, database: string): string {
  const found = notion.databases().find((candidate) => candidate.title === database);
  const entry = Object.entries(found?.properties ?? {}).find(([, property]) => property.type === "title");
  return entry?.[0] ?? "Name";
}

/** The same human in Notion: by e-mail, as the bot does it. */
function notionUser({ slack, notion }: World, slackId: string): string {
  const email = slack.seed.users.find((user) => user.id === slackId)?.email;
  return (notion.users.find((user) => user.email === email) ?? notion.users[0])?.id ?? "";
}

function nameOf({ world }: Stage, slackId: string): string {
  return world.slack.seed.users.find((user) => user.id === slackId)?.realName ?? slackId;
}

/** A refused form shows its errors at the fields. */
function shown({ error, status }: Delivery): ActionResult {
  if (error === "invalid_input") return DONE;
  return { error: error ? `Slack shows: ${error} (the bot answered ${status})` : null };
}

/** Leaves out what is undefined. */
function optional<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: string };
}
