/**
 * A Slack workspace in one process: a real HTTP server that the real SDK talks to, and a handle to look into the
 * workspace and to act in it as people do. Owns the server and the handle. Where Slack is undocumented it is
 * stricter than Slack, never kinder. Not offered: streaming, assistant threads, Enterprise Grid.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answerCall, createFaults, type ErrorEffect, type HttpAnswer } from "../faults.ts";
import type { Delivery, ServedCall, SlackSeed, SlackStandIn, SlackView } from "../stand-ins.ts";
import { createActs, type Subscriptions } from "./acting.ts";
import { type Courier, createCourier, type SendOptions } from "./delivery.ts";
import { copyOf, type Json } from "./json-values.ts";
import { shownMessage } from "./messages.ts";
import { answerResponseUrl } from "./response-urls.ts";
import { createSocketMode, type Sockets } from "./socket-mode.ts";
import { stackOf } from "./views.ts";
import { createWebApi, formOf, type WebApiRules } from "./web-api.ts";
import { createWorkspace, directMessageWith, type StoredView, type Workspace } from "./workspace.ts";

export interface SlackStandInOptions {
  seed: SlackSeed;
  /** 0 or absent: any free port. */
  port?: number;
  /** Epoch milliseconds. Default Date.now. Bolt compares signatures with the real clock. */
  now?: () => number;
  /** How long the bot has to acknowledge. Slack's three seconds unless a test cannot wait. */
  ackLimitMs?: number;
  /** The bot token's scopes; absent = all. */
  scopes?: readonly string[];
  /** Event subscriptions of the app's manifest. */
  subscriptions?: Subscriptions;
  /** The app's settings, for whoever asks with a configuration token. */
  manifest?: Json;
}

/** The stand-in and what only tests of attacks, files and direct messages need. */
export interface SlackWorkspaceStandIn extends SlackStandIn {
  /** Sends any body, signed rightly unless told otherwise. */
  send(body: string, options?: SendOptions): Promise<Delivery>;
  /** The app-level token, for Socket Mode. From the moment an app opens a socket it gets nothing over HTTP. */
  appToken: string;
  /** The app configuration token, for apps.manifest.*. */
  configToken: string;
  sockets: Sockets;
  /** False for a bot whose own pacing is turned down: it would run into them all the time. */
  hasRateLimits: boolean;
  /** Resolves when no request to the bot is on its way, those of `type` included. */
  settled(): Promise<void>;
  /** The id of a person's direct message with the bot. */
  directMessage(userId: string): string;
  /** Files that were shared, oldest first. */
  files(): { id: string; name: string; title: string; content: string }[];
}

const DEFAULT_SUBSCRIPTIONS: Subscriptions = ["app_home_opened", "app_mention", "message.im"];
const SLACK_ACK_LIMIT_MS = 3_000;

export async function createSlackStandIn(options: SlackStandInOptions): Promise<SlackWorkspaceStandIn> {
  const workspace = createWorkspace(options.seed, options.now ?? Date.now);
  workspace.manifest = options.manifest ?? {};
  const socketMode = createSocketMode(workspace);
  const courier = createCourier(workspace, socketMode, options.ackLimitMs ?? SLACK_ACK_LIMIT_MS);
  const settings = { latencyMs: 0, hasRateLimits: true };
  const faults = createFaults();
  const calls: ServedCall[] = [];
  const answerRequest = createRouter(workspace, {
    scopes: options.scopes ?? null,
    hasRateLimits: () => settings.hasRateLimits,
  });
  const server = createServer((req, res) => {
    void readBody(req).then(
      async (body) => {
        const { route, run } = answerRequest(req, body);
        await answerCall(req, res, {
          route,
          faults,
          calls,
          latencyMs: settings.latencyMs,
          now: workspace.now,
          run: async (effect) => (effect?.kind === "garbage" ? { status: 200, body: effect.body } : run()),
          errorAnswer: faultAnswer,
        });
      },
      () => dropped(res),
    );
  });
  server.on("upgrade", (request, stream) => {
    if (faults.match("GET /link/") === null) socketMode.accept(request, stream);
    else stream.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The Slack stand-in has no port");
  workspace.origin = `http://127.0.0.1:${address.port}`;
  return {
    ...handleOf(workspace, courier),
    sockets: socketMode,
    ...createActs({ workspace, courier, subscriptions: options.subscriptions ?? DEFAULT_SUBSCRIPTIONS }),
    calls,
    faults,
    get latencyMs() {
      return settings.latencyMs;
    },
    set latencyMs(latencyMs: number) {
      settings.latencyMs = latencyMs;
    },
    get hasRateLimits() {
      return settings.hasRateLimits;
    },
    set hasRateLimits(hasRateLimits: boolean) {
      settings.hasRateLimits = hasRateLimits;
    },
    close: async () => {
      courier.close();
      socketMode.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Handle = Omit<
  SlackWorkspaceStandIn,
  | keyof ReturnType<typeof createActs>
  | "calls"
  | "faults"
  | "latencyMs"
  | "hasRateLimits"
  | "sockets"
  | "close"
>;

function handleOf(workspace: Workspace, courier: Courier): Handle {
  return {
    url: `${workspace.origin}/api/`,
    seed: workspace.seed,
    appToken: workspace.appToken,
    configToken: workspace.configToken,
    onChange: workspace.onChange,
    deliverTo: courier.deliverTo,
    replayLast: courier.replayLast,
    send: courier.send,
    settled: courier.settled,
    messages: (channel) =>
      workspace.messages.filter((message) => message.channel === channel).map(shownMessage),
    message: ({ channel, ts }) => {
      const found = workspace.messages.find((message) => message.channel === channel && message.ts === ts);
      return found && shownMessage(found);
    },
    modals: (userId) => stackOf(workspace, userId).map(shownView),
    home: (userId) => {
      const view = workspace.homes.get(userId);
      return view === undefined ? null : shownView(view);
    },
    directMessage: (userId) => directMessageWith(workspace, userId).id,
    files: () =>
      [...workspace.files.values()]
        .filter((file) => file.shared)
        .map(({ id, name, title, content }) => ({ id, name, title, content: content?.toString() ?? "" })),
  };
}

function shownView(stored: StoredView): SlackView {
  const { id, hash, userId, kind, view, errors } = stored;
  return copyOf({ id, hash, userId, kind, view, errors });
}

interface Routed {
  route: string;
  run: () => HttpAnswer | Promise<HttpAnswer>;
}

function createRouter(workspace: Workspace, rules: WebApiRules) {
  const webApi = createWebApi(workspace, rules);
  return (req: IncomingMessage, body: Buffer): Routed => {
    const url = new URL(`http://slack.invalid${req.url ?? "/"}`);
    const contentType = req.headers["content-type"] ?? "";
    const [, top = "", rest = ""] = /^\/([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
    if (top === "api") {
      const authorization = req.headers.authorization ?? "";
      const request = { method: rest, contentType, authorization, query: url.searchParams, body };
      return { route: `${req.method} /api/${rest}`, run: () => webApi(request) };
    }
    if (top === "actions" || top === "commands") {
      const run = () => answerResponseUrl(workspace, url.pathname, body.toString());
      return { route: `${req.method} /${top}/:team/:id/:secret`, run };
    }
    if (top === "upload") {
      const fileId = rest.replace(/^v1\//, "");
      return {
        route: `${req.method} /upload/v1/:id`,
        run: () => upload(workspace, fileId, { contentType, body }),
      };
    }
    return { route: `${req.method} ${url.pathname}`, run: () => ({ status: 404, body: "Not Found" }) };
  };
}

async function upload(
  workspace: Workspace,
  fileId: string,
  request: { contentType: string; body: Buffer },
): Promise<HttpAnswer> {
  const file = workspace.files.get(fileId);
  if (file === undefined || file.content !== null || file.expiresAt < workspace.now())
    return { status: 404, body: "Not Found" };
  const content = await fileIn(request);
  if (content.length !== file.length) return { status: 400, body: "Bad Request" };
  file.content = content;
  return { status: 200, body: `OK - ${content.length}` };
}

async function fileIn(request: { contentType: string; body: Buffer }): Promise<Buffer> {
  if (!request.contentType.startsWith("multipart/form-data")) return request.body;
  const parts = [...((await formOf(request))?.values() ?? [])];
  const part = parts.find((one) => typeof one !== "string");
  return part === undefined || typeof part === "string"
    ? request.body
    : Buffer.from(await part.arrayBuffer());
}

/** With status 200 a fault is a refusal of the platform: `{ ok: false, error: code }`. */
function faultAnswer(effect: ErrorEffect): HttpAnswer {
  const usual = effect.status === 429 ? "ratelimited" : "service_unavailable";
  if (effect.kind === "committed-error") return { status: effect.status, body: { ok: false, error: usual } };
  const retryAfter = effect.retryAfterSeconds ?? (effect.status === 429 ? 1 : undefined);
  return {
    status: effect.status,
    ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(retryAfter) } }),
    body: effect.body ?? { ok: false, error: effect.code ?? usual },
  };
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The caller went away in the middle of its request. */
function dropped(res: ServerResponse): void {
  res.destroy();
}
