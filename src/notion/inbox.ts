/** The System Inbox: what waits, taking an item, and where it went. */
import type { InboxItem, InboxRef, NewItem } from "../domain/item.ts";
import type { CreateOptions, InboxFinish, PageRef } from "../workflows/ports.ts";
import { bodyText } from "./blocks.ts";
import type { Row } from "./databases/property-table.ts";
import type { systemInbox } from "./databases/system-inbox.ts";
import type { Clock, Gateway } from "./gateway.ts";
import type { Json } from "./lenient-json.ts";
import type { RunningNumber } from "./numbers.ts";
import { chunkText } from "./properties.ts";
import type { Page } from "./rows.ts";
import type { BoundDatabase } from "./schema.ts";
import type { Table } from "./table.ts";

const SLACK_USER_ID = /^[UW][A-Z0-9]{2,}$/;
const TITLE_UNITS = 120;

export const ITEM_PROPERTIES = [
  "Input_Title",
  "Content",
  "Source",
  "Requested_By",
  "Received_Date",
  "Inbox_ID",
  "Key",
] as const;

const DESTINATIONS = {
  intent: { status: "Triaged_to_Intent", label: "Strategic (Intent)", link: "Routed_to_Intent" },
  task: { status: "Triaged_to_Task", label: "Operational (Task)", link: "Routed_to_Task" },
  node: { status: "Triaged_to_Node", label: "Reference (Node)", link: "Routed_to_Node" },
} as const;

interface InboxDeps {
  table: Table<typeof systemInbox>;
  gateway: Gateway;
  clock: Clock;
  ids: RunningNumber;
}

export function createInbox({ table, gateway, clock, ids }: InboxDeps) {
  /** Items known to have no number: it is written along with whatever is written to them next. */
  let unnumbered = new Set<string>();

  /** undefined = the item has a number, or nobody knows. */
  async function missingNumber(id: string): Promise<number | undefined> {
    if (!unnumbered.has(id)) return undefined;
    const number = await ids.next();
    unnumbered.delete(id);
    return number;
  }

  return {
    async waiting(): Promise<InboxRef[]> {
      const pages = await table.query({
        where: waitingFilter,
        read: ["Status", "Inbox_ID"],
        // They come up as those before them are done.
        onHidden: () => undefined,
      });
      unnumbered = new Set(pages.filter((p) => p.row.Inbox_ID === null).map((p) => p.id));
      return pages.map((page) => ({
        id: page.id,
        status: refStatus(page.row.Status),
        lastEditedAt: page.lastEditedAt || new Date(clock.now()).toISOString(),
      }));
    },

    async claim(id: string, attempt: number): Promise<InboxItem> {
      const number = await missingNumber(id);
      const values = {
        Status: "Processing",
        Attempts: attempt,
        ...(number !== undefined && { Inbox_ID: number }),
      };
      const page =
        (await table.update(id, values, ITEM_PROPERTIES)) ?? (await table.get(id, ITEM_PROPERTIES));
      if (page.row.Inbox_ID === null) unnumbered.add(id);
      return itemOf(gateway, { ...page, id });
    },

    /** As it stands, touching nothing. */
    async read(id: string): Promise<InboxItem> {
      return itemOf(gateway, await table.get(id, ITEM_PROPERTIES));
    },

    async finish(id: string, result: InboxFinish): Promise<void> {
      const destination = DESTINATIONS[result.destination];
      const number = await missingNumber(id);
      await table.update(id, {
        Status: destination.status,
        Triage_Destination: destination.label,
        Last_Error: "",
        ...(result.routedTo.length > 0 && { [destination.link]: result.routedTo }),
        ...(result.nodes.length > 0 && { Related_Nodes: result.nodes }),
        ...(result.tags.length > 0 && { Auto_Tags: result.tags.join(", ") }),
        ...(number !== undefined && { Inbox_ID: number }),
      });
    },

    async putBack(
      id: string,
      back: { status: "Unprocessed" | "Failed"; reason: string | null },
    ): Promise<void> {
      await table.update(id, { Status: back.status, Last_Error: back.reason ?? "" });
    },

    async add(item: NewItem, options: CreateOptions): Promise<PageRef> {
      const { id, url } = await table.create(options, async () => ({
        Input_Title: item.title.trim() || titleFrom(item.content),
        Content: item.content,
        Status: "Unprocessed",
        Source: item.source,
        Received_Date: new Date(clock.now()).toISOString(),
        Requested_By: item.requestedBy ?? "",
        Inbox_ID: await ids.next(),
      }));
      return { id, url };
    },
  };
}

type ItemPage = Page<Pick<Row<typeof systemInbox>, (typeof ITEM_PROPERTIES)[number]>>;

/** A page of the inbox as an item; the text of the page itself when `Content` is empty. */
export async function itemOf(gateway: Gateway, { id, url, createdAt, row }: ItemPage): Promise<InboxItem> {
  const content = row.Content.trim() === "" ? await bodyText(gateway, id) : row.Content;
  const requester = row.Requested_By.trim();
  return {
    id,
    url,
    title: row.Input_Title.trim() || titleFrom(content),
    content,
    source: row.Source ?? "",
    requestedBy: SLACK_USER_ID.test(requester) ? requester : null,
    createdAt: row.Received_Date ?? createdAt,
    ...(row.Key !== "" && { key: row.Key }),
  };
}

function waitingFilter(db: BoundDatabase): Json {
  const property = db.properties.get("Status")?.id;
  return {
    or: [
      { property, select: { equals: "Unprocessed" } },
      { property, select: { is_empty: true } },
      { property, select: { equals: "Processing" } },
    ],
  };
}

function refStatus(status: string | null): InboxRef["status"] {
  return status === "Unprocessed" || status === "Processing" ? status : "";
}

/** People often write the question only into the page. */
function titleFrom(content: string): string {
  const [line = ""] = content.trim().split("\n");
  const [start = "Untitled", ...rest] = chunkText(line.trim(), TITLE_UNITS);
  return rest.length > 0 ? `${start}…` : start;
}
