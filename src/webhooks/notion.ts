/**
 * Notion's webhook: a hint that something changed, without content. It only wakes the poll, which looks for itself. Signed
 * with the token that Notion sends once, when the subscription is made (the handshake, see handshake.ts).
 */
import { BODY_LIMITS, isRecord, type Reading, type SenderRules, valueAt } from "./sender.ts";
import { digestOf, plainText } from "./text.ts";

/** What can bring an item to the inbox or change a decision. Comments, schemas and views cannot. */
const WAKING =
  /^(page\.(created|properties_updated|content_updated|undeleted|moved|unlocked)|data_source\.content_updated|database\.content_updated)$/;

/** `watched`: ids of the databases that a poll looks into. */
export function notionSender(watched: readonly string[]): SenderRules {
  const known = new Set(watched.map(bare));
  return {
    secretIn: null,
    signatureIn: ({ header }) => /^sha256=([0-9a-f]{64})$/i.exec(header("x-notion-signature") ?? "")?.[1],
    refusal:
      "X-Notion-Signature is missing or wrong: WEBHOOK_SECRET_NOTION is the verification token of the subscription.",
    limitBytes: BODY_LIMITS.events,
    read: ({ payload, raw }) => readEvent(payload, raw, known),
  };
}

function readEvent(payload: unknown, raw: Buffer, known: ReadonlySet<string>): Reading {
  const type = plainText(valueAt(payload, "type"));
  if (type === "") return { kind: "invalid", message: "type: a word such as page.created is expected." };
  if (!WAKING.test(type)) return { kind: "ignored", reason: "no reason to poll" };
  const database = databaseOf(payload);
  // Where the message does not say where, a look costs less than a missed item.
  if (database !== null && !known.has(bare(database))) return { kind: "ignored", reason: "another database" };
  const id = plainText(valueAt(payload, "id"));
  return {
    kind: "work",
    id: digestOf(id === "" ? raw : id),
    work: { kind: "changed-in-notion", authors: authorsOf(payload) },
  };
}

function databaseOf(payload: unknown): string | null {
  const parent = valueAt(payload, "data", "parent");
  const holder = isRecord(parent) && parent["type"] === "database" ? parent : valueAt(payload, "entity");
  const isDatabase = isRecord(holder) && holder["type"] === "database";
  return isDatabase ? plainText(holder["id"]) || null : null;
}

function authorsOf(payload: unknown): string[] {
  const authors = valueAt(payload, "authors");
  if (!Array.isArray(authors)) return [];
  // One that cannot be read is somebody, and not us.
  return [...new Set(authors.map((author) => plainText(valueAt(author, "id"))))].slice(0, 100);
}

function bare(id: string): string {
  return id.replaceAll("-", "").toLowerCase();
}
