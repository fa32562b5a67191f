/** A stand-in for Notion and the real SDK that talks to it, for the tests of the stand-in itself. */
import { APIResponseError, Client } from "@notionhq/client";
import { expect } from "vitest";
import { createNotionStandIn, type NotionStandInOptions } from "../../src/sandbox/notion/notion-stand-in.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { NotionStandIn } from "../../src/sandbox/stand-ins.ts";

const open: NotionStandIn[] = [];
const sdkMessages: string[] = [];

/** For afterEach. */
export async function closeStandIns(): Promise<void> {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
  // The SDK drops parameters that it does not know, and says so only in its log.
  expect(sdkMessages.splice(0).filter((message) => message.includes("unknown parameters"))).toEqual([]);
}

export interface Setup {
  notion: NotionStandIn;
  client: Client;
  source: (title: string) => string;
}

export async function setUp(options: Partial<NotionStandInOptions> = {}): Promise<Setup> {
  const notion = await createNotionStandIn({ seed: createWorkspaceSeed(), ...options });
  open.push(notion);
  const client = new Client({
    auth: notion.token,
    baseUrl: notion.url,
    notionVersion: "2026-03-11",
    retry: false,
    timeoutMs: 5_000,
    logger: (_level, message) => sdkMessages.push(message),
  });
  return { notion, client, source: (title) => database(notion, title).dataSourceId };
}

export function database(notion: NotionStandIn, title: string) {
  const found = notion.databases().find((candidate) => candidate.title === title);
  if (!found) throw new Error(`no database ${title}`);
  return found;
}

export const text = (content: string) => [{ text: { content } }];

export async function errorOf(promise: Promise<unknown>): Promise<APIResponseError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!APIResponseError.isAPIResponseError(error)) throw new Error(`not an API error: ${String(error)}`);
  return error;
}

export function addNode(setup: Setup, name: string) {
  return setup.client.pages.create({
    parent: { type: "data_source_id", data_source_id: setup.source("Nodes") },
    properties: { Name: { title: text(name) } },
  });
}

export function full<T extends object>(
  page: T,
): T & { properties: Record<string, never>; created_time: string } {
  return page as T & { properties: Record<string, never>; created_time: string };
}
