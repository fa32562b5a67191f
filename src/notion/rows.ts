/** Pages of a bound database to rows and back, by our property names. */
import { type Overflow, REQUEST_TEXT_BYTES } from "./blocks.ts";
import { pageUrl } from "./creates.ts";
import type { PropertyTable, Row } from "./databases/property-table.ts";
import type { Gateway } from "./gateway.ts";
import { type Json, listAt, recordAt, stringAt, valueAt } from "./lenient-json.ts";
import { decodeValue, emptyValue, encodeValue, isCutShort } from "./properties.ts";
import type { BoundDatabase, BoundProperty } from "./schema.ts";

export interface Page<R> {
  id: string;
  url: string;
  inTrash: boolean;
  /** "" = Notion does not say, as for every moment here. */
  createdAt: string;
  /** User id. */
  createdBy: string;
  /** Rounded down to the minute by Notion. */
  lastEditedAt: string;
  /** User id. */
  lastEditedBy: string;
  row: R;
}

/** The named properties of a page. Asks for more only where the page object cuts a value short. */
export async function decodePage<T extends PropertyTable, K extends keyof T & string>(
  gateway: Gateway,
  at: { db: BoundDatabase; table: T },
  page: unknown,
  read: readonly K[],
): Promise<Page<Pick<Row<T>, K>>> {
  const values: Record<string, unknown> = {};
  for (const name of read) {
    const property = at.db.properties.get(name);
    const type = property?.type ?? at.table[name]?.types[0] ?? "rich_text";
    values[name] = property ? await readValue(gateway, page, property) : emptyValue(type);
  }
  // `read` names exactly the keys of this row, each decoded by the type its table gives it.
  return { ...pageMeta(page), row: values as Pick<Row<T>, K> };
}

async function readValue(gateway: Gateway, page: unknown, property: BoundProperty): Promise<unknown> {
  const raw = propertyOf(page, property.id);
  if (!isCutShort(property.type, raw)) return decodeValue(property.type, raw);
  return decodeValue(property.type, await wholeProperty(gateway, stringAt(page, "id") ?? "", property));
}

async function wholeProperty(gateway: Gateway, pageId: string, property: BoundProperty): Promise<Json> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: unknown = await gateway.read({
      route: "GET /v1/pages/:id/properties/:property",
      method: "get",
      path: `pages/${pageId}/properties/${property.id}`,
      query: { page_size: 100, ...(cursor !== null && { start_cursor: cursor }) },
    });
    items.push(...listAt(page, "results").map((item) => recordAt(item, property.type)));
    cursor = stringAt(page, "next_cursor");
  } while (cursor !== null);
  return { [property.type]: items };
}

/** By property id. Values of properties the workspace does not have are left out. */
export function encodeRow(
  db: BoundDatabase,
  values: Record<string, unknown>,
): { properties: Record<string, Json>; overflow: Overflow[] } {
  const budget = { bytesLeft: REQUEST_TEXT_BYTES };
  const properties: Record<string, Json> = {};
  const overflow: Overflow[] = [];
  for (const [name, value] of Object.entries(values)) {
    const property = db.properties.get(name);
    if (!property || value === undefined) continue;
    const { json, rest } = encodeValue({ ...property, label: `${db.title}, ${name}` }, value, budget);
    if (json !== null) properties[property.id] = json;
    if (rest !== "") overflow.push({ property: name, text: rest });
  }
  return { properties, overflow };
}

function propertyOf(page: unknown, id: string): unknown {
  return Object.values(recordAt(page, "properties")).find((property) => stringAt(property, "id") === id);
}

function pageMeta(page: unknown) {
  const id = stringAt(page, "id") ?? "";
  return {
    id,
    url: stringAt(page, "url") ?? pageUrl(id),
    inTrash: valueAt(page, "in_trash") === true || valueAt(page, "archived") === true,
    createdAt: momentAt(page, "created_time"),
    createdBy: stringAt(recordAt(page, "created_by"), "id") ?? "",
    lastEditedAt: momentAt(page, "last_edited_time"),
    lastEditedBy: stringAt(recordAt(page, "last_edited_by"), "id") ?? "",
  };
}

/** As it is given, when it is one that every reader of it takes. */
function momentAt(page: unknown, key: string): string {
  const text = stringAt(page, key) ?? "";
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? text : "";
}
