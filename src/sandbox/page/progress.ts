/** Where the newest thing asked on this page stands (the first of the seed until then): inbox, advisers, the person, Notion. */
import type { NotionRow } from "../stand-ins.ts";
import type { World } from "../world.ts";
import { isJson, objects, string } from "./block-json.ts";
import { claudeStep } from "./journal.ts";
import { textOfProperty, titleOf } from "./notion-state.ts";

export interface Step {
  name: string;
  /** "skipped": the item did not need it. */
  state: "todo" | "active" | "done" | "failed" | "skipped";
  note: string;
}

const NAMES = ["Inbox", "Advisers argue", "You decide", "Written to Notion"];
const SOMEBODY_ELSE = "An approver decides";
const DECIDED = ["Approved", "Rejected", "Expired", "Superseded"];

/** What the steps are about: older cards may wait all the while. "" = nothing was ever asked. */
export function subjectOf({ notion }: World, old: ReadonlySet<string>): string {
  const item = followed(notion, old);
  return item ? titleOf(item) : "";
}

/** `old`: ids of rows that were there before anybody asked. */
export function progressOf(world: World, old: ReadonlySet<string>, mayDecide: boolean): Step[] {
  const found = stepsOf(world, old);
  return mayDecide ? found : found.map((step, i) => (i === 2 ? { ...step, name: SOMEBODY_ELSE } : step));
}

function stepsOf(world: World, old: ReadonlySet<string>): Step[] {
  const { notion, claude } = world;
  const item = followed(notion, old);
  if (!item) return steps(-1, "todo", "");
  const pipe = pipeOf(notion.rows("Action Pipes"), item);
  const status = value(item, "Status");
  const card = stateOfCard(world, cardOf(world, old));
  if (pipe && DECIDED.includes(value(pipe, "Approval_Status")))
    return card === "recording" ? steps(3, "active", "being written") : decided(notion, pipe);
  if (card === "recording") return steps(3, "active", "being written");
  if (card === "undoable") return steps(2, "active", `decided · ${undoSeconds(world)} s to undo`);
  if (status === "Triaged_to_Task") return withoutDebate("routine work: became a task at once");
  if (status === "Triaged_to_Node") return withoutDebate("worth knowing: filed under Nodes");
  if (status === "Failed") return steps(1, "failed", value(item, "Last_Error") || "gave up after 3 tries");
  if (pipe && (status === "Triaged_to_Intent" || value(pipe, "Slack_Message")))
    return steps(2, "active", `card in #leadership${undoNote(world)}`);
  if (status === "Processing") {
    const last = claude.requests.at(-1);
    return steps(1, "active", last ? claudeStep(last) : "reading");
  }
  const failure = value(item, "Last_Error");
  return steps(0, "active", failure ? `tries again soon: ${failure}` : "the bot looks every 10 seconds");
}

/** "open", "undoable", "recording", …: the card says it in the ids of its blocks (r3_undoable_title). */
function stateOfCard({ slack }: World, ts: string | null): string | null {
  const card = slack.seed.channels.flatMap(({ id }) => slack.messages(id)).find((one) => one.ts === ts);
  const ids = card?.blocks.filter(isJson).map((block) => string(block, "block_id"));
  const id = ids?.find((one) => /^r\d+_/.test(one));
  return id?.split("_")[1] ?? null;
}

function undoNote(world: World): string {
  const seconds = undoSeconds(world);
  return seconds === "0" ? "" : ` · then ${seconds} s to undo`;
}

function undoSeconds({ env }: World): string {
  return env["UNDO_SECONDS"] ?? "30";
}

function followed(notion: World["notion"], old: ReadonlySet<string>): NotionRow | undefined {
  const rows = notion.rows("System Inbox");
  return rows.findLast((row) => !old.has(row.id)) ?? rows[0];
}

function decided(notion: World["notion"], pipe: NotionRow): Step[] {
  const status = value(pipe, "Approval_Status");
  const tasks = notion.rows("Tasks").filter((task) => linksTo(task, intentOf(pipe))).length;
  const outcome = status === "Approved" ? `approved, ${tasks} tasks` : status.toLowerCase();
  return steps(4, "done", outcome);
}

/** The pipe of the item's intent, also while the item itself does not name the intent yet. */
function pipeOf(pipes: NotionRow[], item: NotionRow): NotionRow | undefined {
  const routed = objects(item.properties["Routed_to_Intent"] ?? {}, "relation")[0];
  if (!routed) return undefined;
  return pipes.findLast((pipe) => intentOf(pipe) === string(routed, "id"));
}

function intentOf(pipe: NotionRow): string {
  const intent = objects(pipe.properties["Intent"] ?? {}, "relation")[0];
  return intent ? string(intent, "id") : "";
}

function linksTo(task: NotionRow, intentId: string): boolean {
  const links = task.properties["Source Intent"];
  return isJson(links) && objects(links, "relation").some((page) => string(page, "id") === intentId);
}

function value(row: NotionRow, name: string): string {
  const property = row.properties[name];
  return property ? textOfProperty(property) : "";
}

function steps(at: number, state: Step["state"], note: string): Step[] {
  return NAMES.map((name, i) => {
    if (i < at) return { name, state: "done", note: i === NAMES.length - 1 ? note : "" };
    return i === at ? { name, state, note } : { name, state: "todo", note: "" };
  });
}

/** Neither advisers nor a person had anything to say on it. */
function withoutDebate(note: string): Step[] {
  return steps(4, "done", note).map((step, i) =>
    i === 1 || i === 2 ? { ...step, state: "skipped", note: "not needed for this" } : step,
  );
}

/** The `ts` of the card that the followed item led to, from its permalink (…/p1700000000000100); null before it. */
export function cardOf({ notion }: World, old: ReadonlySet<string>): string | null {
  const item = followed(notion, old);
  const pipe = item && pipeOf(notion.rows("Action Pipes"), item);
  const digits = pipe && /\/p(\d{10})(\d{6})/.exec(value(pipe, "Slack_Message"));
  return digits ? `${digits[1]}.${digits[2]}` : null;
}
