/**
 * A stand-in for Railway: a real HTTP server with the GraphQL API, and at the same address the deployed bot, which
 * answers as whatever is live. Owns transport, tokens, the hourly limit and faults; what is deployed is in
 * deployments-world.ts, the API in graphql-api.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCall, createFaults, type ErrorEffect, type HttpAnswer } from "../faults.ts";
import type { RailwayStandIn, ServedCall } from "../stand-ins.ts";
import { commitMeta, createDeploymentsWorld, type DeploymentsWorld, idFor } from "./deployments-world.ts";
import { answerGraphql, type Caller, rootFields } from "./graphql-api.ts";

export interface RailwayStandInOptions {
  /** 0 or absent = any free port. */
  port?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

const API_PATH = "/graphql/v2";
const MAX_BODY_BYTES = 1024 * 1024;
const HOUR_MS = 3_600_000;

export async function createRailwayStandIn(options: RailwayStandInOptions = {}): Promise<RailwayStandIn> {
  const now = options.now ?? Date.now;
  const calls: ServedCall[] = [];
  const faults = createFaults();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const server = createServer((req, res) => {
    void serve(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = createDeploymentsWorld(now, () => url);
  const clockwork = createClockwork(world, changed);
  const limit = createHourlyLimit(now);

  /** How it turns out was said for one. */
  const deployed = () => {
    handle.nextTurnsOut = "well";
    clockwork.start();
  };

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req);
    const { pathname } = new URL(req.url ?? "/", url);
    const isApi = req.method === "POST" && pathname === API_PATH;
    const request = isApi ? parseJson(body) : null;
    const query =
      typeof request === "object" && request !== null && "query" in request ? request.query : null;
    const route = isApi
      ? `POST ${API_PATH} ${await rootFields(query)}`
      : `${req.method ?? "GET"} ${pathname}`;
    await answerCall(req, res, {
      route,
      faults,
      calls,
      latencyMs: handle.latencyMs,
      now,
      run: (effect) => {
        if (effect?.kind === "garbage") return { status: 200, body: effect.body };
        return isApi ? api(req, request) : face(world, pathname);
      },
      errorAnswer: faultAnswer,
    });
    changed();
  }

  async function api(req: IncomingMessage, request: unknown): Promise<HttpAnswer> {
    const stop = limit(handle.requestsPerHour);
    if (stop !== null) return stop;
    const caller = callerOf(req, handle);
    if (typeof caller === "string")
      return { status: 200, body: { errors: [{ message: caller }], data: null } };
    return answerGraphql(request, caller, { ...handle, world, deployed });
  }

  const handle: RailwayStandIn = {
    url,
    apiUrl: `${url}${API_PATH}`,
    projectToken: "railway-project-token",
    accountToken: "railway-account-token",
    ids: { project: idFor("project"), environment: idFor("environment"), service: idFor("service") },
    calls,
    faults,
    latencyMs: 0,
    deployments: world.all,
    live: world.live,
    push(commit) {
      const pushed = world.deploy(commitMeta(commit), { turnsOut: handle.nextTurnsOut, build: true });
      deployed();
      return pushed;
    },
    change(id, change) {
      const entry = world.find(id);
      if (entry === null) throw new Error(`no deployment ${id}`);
      Object.assign(entry, change);
      changed();
    },
    nextTurnsOut: "well",
    step: clockwork.step,
    get stageMs() {
      return clockwork.stageMs;
    },
    set stageMs(ms) {
      clockwork.stageMs = ms;
    },
    forbidden: new Set(),
    requestsPerHour: null,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      clockwork.stop();
      return new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
    },
  };
  return handle;
}

/** Takes deployments from stage to stage, by hand or by itself. */
function createClockwork(world: DeploymentsWorld, changed: () => void) {
  let timer: NodeJS.Timeout | null = null;
  const clockwork = {
    stageMs: 0,
    step() {
      world.step();
      changed();
    },
    start() {
      changed();
      if (clockwork.stageMs === 0 || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        clockwork.step();
        if (world.isMoving()) clockwork.start();
      }, clockwork.stageMs);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
  return clockwork;
}

function callerOf(
  { headers }: IncomingMessage,
  tokens: Pick<RailwayStandIn, "projectToken" | "accountToken">,
): Caller | string {
  const project = headers["project-access-token"];
  if (project !== undefined) {
    return project === tokens.projectToken ? { kind: "project" } : "Project Token not found";
  }
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  return bearer === tokens.accountToken ? { kind: "account" } : "Not Authorized";
}

function createHourlyLimit(now: () => number) {
  let windowEndsAt = 0;
  let used = 0;
  return (allowed: number | null): HttpAnswer | null => {
    if (now() >= windowEndsAt) {
      windowEndsAt = now() + HOUR_MS;
      used = 0;
    }
    used += 1;
    if (allowed === null || used <= allowed) return null;
    const seconds = String(Math.ceil((windowEndsAt - now()) / 1000));
    const headers = {
      "retry-after": seconds,
      "x-ratelimit-limit": String(allowed),
      "x-ratelimit-remaining": "0",
    };
    return { status: 429, headers, body: { errors: [{ message: "Too Many Requests" }] } };
  };
}

/** What the deployed bot answers; nothing is deployed or it crashed = the edge's own 502. */
function face(world: DeploymentsWorld, path: string): HttpAnswer {
  const live = world.live();
  if (live === null || live.status === "CRASHED")
    return { status: 502, body: { message: "Application failed to respond" } };
  const isWell = live.turnsOut !== "unhealthy";
  switch (path) {
    case "/":
      return {
        status: 200,
        body: {
          service: "executive-mind-matrix",
          version: "1.0.0",
          commit: live.meta["commitHash"] ?? null,
          deployment: live.id,
          poller_running: true,
        },
      };
    case "/health":
      return { status: isWell ? 200 : 503, body: { status: isWell ? "healthy" : "unhealthy" } };
    case "/ready":
      return { status: 200, body: { ready: true } };
    default:
      return { status: 404, body: { error: "not_found" } };
  }
}

function faultAnswer(effect: ErrorEffect): HttpAnswer {
  if (effect.kind === "committed-error") return { status: effect.status, body: "upstream connect error" };
  const retryAfter: Record<string, string> =
    effect.retryAfterSeconds === undefined ? {} : { "retry-after": String(effect.retryAfterSeconds) };
  return {
    status: effect.status,
    headers: retryAfter,
    body: effect.body ?? { errors: [{ message: effect.code ?? "Problem processing request" }] },
  };
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
