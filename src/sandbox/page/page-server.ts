/**
 * The page's own web server: static files, the state of the world as JSON, one stream of "something changed" and one
 * door for actions. Listens on the loopback address only and refuses what another web page may have sent. Knows the
 * world only through the stand-ins' handles, and nothing of the bot but its address.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { World } from "../world.ts";
import { createFaultSwitches } from "./fault-switches.ts";
import { createJournal } from "./journal.ts";
import { notionState } from "./notion-state.ts";
import { actionSchema, perform, type Stage } from "./page-actions.ts";
import { cardOf, progressOf, subjectOf } from "./progress.ts";
import { slackState } from "./slack-state.ts";

export interface PageOptions {
  world: World;
  /** 0 = any free port. */
  port: number;
  /** Services that are not the stand-ins but the real thing. */
  real?: { slack: boolean; notion: boolean; claude: boolean; railway: boolean };
  /** For the page's "bot health" link. */
  botUrl?: string | null;
}

export interface Page {
  url: string;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};
const FILES = [
  "index.html",
  "page.css",
  "controls.css",
  "slack.css",
  "block-kit.css",
  "tables.css",
  "phone.css",
  "main.js",
  "slack-pane.js",
  "modal.js",
  "overflow-menu.js",
  "notion-pane.js",
  "activity-pane.js",
  "page-api.js",
];
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};
const MAX_BODY_BYTES = 256 * 1024;
/** Changes closer together than this are told once. */
const QUIET_MS = 120;

interface Site {
  stage: Stage;
  options: PageOptions;
  /** Rows that were there before the page. */
  history: ReadonlySet<string>;
  listeners: Set<ServerResponse>;
  /** Tells the listeners, soon. */
  changed(): void;
}

export async function createPage(options: PageOptions): Promise<Page> {
  const { world } = options;
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | null = null;
  const journal = createJournal(world);
  const announce = () => {
    timer = null;
    journal.refresh();
    for (const listener of listeners) listener.write("data: changed\n\n");
  };
  const changed = () => {
    timer ??= setTimeout(announce, QUIET_MS);
  };
  const faults = createFaultSwitches(world, changed);
  const stage = { world, journal, faults, isSlackReal: options.real?.slack ?? false };
  const history = new Set(world.notion.rows("System Inbox").map((row) => row.id));
  const site: Site = { stage, options, history, listeners, changed };
  const deaf = [world.slack, world.notion, world.claude, world.railway].map((standIn) =>
    standIn.onChange(changed),
  );
  const server = createServer((req, res) => {
    handle(site, req, res).catch((error: unknown) => fail(res, error));
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const stop of deaf) stop();
    if (timer) clearTimeout(timer);
    faults.close();
    for (const listener of listeners) listener.end();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function handle(site: Site, req: IncomingMessage, res: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
  if (!isOurHost(req)) return sendJson(res, 403, { error: "Open this page by its own address." });
  const url = new URL(req.url ?? "/", "http://page");
  if (req.method === "POST" && url.pathname === "/api/act") return act(site, req, res);
  if (req.method !== "GET") return sendJson(res, 405, { error: "Only GET, and POST to /api/act." });
  const [, fileId] = /^\/files\/(\w+)$/.exec(url.pathname) ?? [];
  if (fileId !== undefined) return sendShared(site, res, fileId);
  switch (url.pathname) {
    case "/events":
      return follow(site, res);
    case "/api/state":
      return sendJson(res, 200, stateOf(site, url.searchParams.get("as")));
    default:
      return sendFile(res, url.pathname === "/" ? "index.html" : url.pathname.slice(1));
  }
}

function stateOf({ stage, options, history }: Site, as: string | null) {
  const { world, journal, faults } = stage;
  journal.refresh();
  const approvers = (world.env["SLACK_APPROVERS"] ?? "").split(",").filter(Boolean);
  const me = world.slack.seed.users.some((user) => user.id === as) ? as : approvers[0];
  const slack = slackState(world.slack, me ?? "", approvers);
  const mayDecide = slack.people.some(({ id, role }) => id === me && role === "approver");
  return {
    real: options.real ?? { slack: false, notion: false, claude: false, railway: false },
    botUrl: options.botUrl ?? null,
    now: Date.now(),
    progress: {
      about: subjectOf(world, history),
      card: cardOf(world, history),
      steps: progressOf(world, history, mayDecide),
    },
    slack,
    notion: notionState(world.notion),
    activity: { entries: journal.entries(), calls: journal.calls(), faults: faults.list() },
  };
}

async function act({ stage, changed }: Site, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (!isOurOrigin(req)) return sendJson(res, 403, { error: "Actions are taken from this page only." });
  if (!(req.headers["content-type"] ?? "").startsWith("application/json"))
    return sendJson(res, 415, { error: "Send JSON." });
  const body = await readBody(req);
  if (body === null) return sendJson(res, 413, { error: "Too long." });
  const action = actionSchema.safeParse(parseJson(body));
  if (!action.success) return sendJson(res, 400, { error: "Not an action this page knows." });
  const result = await perform(stage, action.data);
  changed();
  return sendJson(res, 200, result);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Against DNS rebinding: a foreign name that points at 127.0.0.1 is not this page. */
function isOurHost(req: IncomingMessage): boolean {
  const port = req.socket.localPort;
  return [`127.0.0.1:${port}`, `localhost:${port}`].includes(req.headers.host ?? "");
}

/** Against other pages in the same browser, which always send their own origin with a POST. */
function isOurOrigin(req: IncomingMessage): boolean {
  return req.headers.origin === `http://${req.headers.host}`;
}

/** null = longer than allowed. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function follow({ listeners }: Site, res: ServerResponse): void {
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.write("retry: 1000\n\n");
  listeners.add(res);
  res.on("close", () => listeners.delete(res));
}

async function sendFile(res: ServerResponse, name: string): Promise<void> {
  if (!FILES.includes(name)) return sendJson(res, 404, { error: "Nothing here." });
  const path = fileURLToPath(new URL(`./client/${name}`, import.meta.url));
  const content = await readFile(path);
  res.writeHead(200, { "content-type": TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain" });
  res.end(content);
}

/** A file that the bot shared in the pretended Slack. */
function sendShared({ stage }: Site, res: ServerResponse, id: string): void {
  const file = stage.world.slack.files().find((one) => one.id === id);
  if (file === undefined) {
    sendJson(res, 404, { error: "Nothing here." });
    return;
  }
  const name = file.name.replace(/[^\w.-]/g, "_");
  res.writeHead(200, {
    "content-type": "text/plain; charset=utf-8",
    "content-disposition": `attachment; filename="${name}"`,
  });
  res.end(file.content);
}

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  res.end(JSON.stringify(body));
}

function fail(res: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : "unknown";
  if (res.headersSent) res.end();
  else sendJson(res, 500, { error: `The sandbox page failed: ${message}` });
}
