/** The HTTP side with a door for webhooks, over books in memory, with the work that would start in the test's hand. */

import { expect } from "vitest";
import type { Sender, WebhookOutcome, WebhookWork } from "../../src/domain/webhook.ts";
import { Fault } from "../../src/http/bodies.ts";
import type { HttpSettings } from "../../src/http/ports.ts";
import { ROUTES, type Route } from "../../src/http/route-table.ts";
import { createLog } from "../../src/log.ts";
import { createWebhookDoor } from "../../src/webhooks/door.ts";
import type { HandshakeState, WebhookSecrets } from "../../src/webhooks/ports.ts";
import {
  ENVIRONMENT,
  HOOK_SECRETS,
  INBOX_DATABASE,
  PIPES_DATABASE,
  PROJECT,
  type Signed,
} from "../fixtures/webhook-samples.ts";
import { type HttpSide, startHttp } from "./http-side.ts";

export interface WebhookSide extends HttpSide {
  /** What was to be worked on, each start, in order. */
  started: { id: string; sender: Sender; work: WebhookWork }[];
  counted: { sender: Sender; outcome: WebhookOutcome }[];
  logged: string[];
  /** Changed by tests. */
  control: { now: Date; storeIsDown: boolean };
  post(path: string, headers: Record<string, string>, body: string): Promise<Response>;
}

export interface WebhookSideOptions {
  secrets?: Partial<WebhookSecrets>;
  settings?: Partial<HttpSettings>;
}

export async function startWebhooks(options: WebhookSideOptions = {}): Promise<WebhookSide> {
  const control = { now: new Date("2026-11-21T10:30:00.000Z"), storeIsDown: false };
  const started: WebhookSide["started"] = [];
  const counted: WebhookSide["counted"] = [];
  const logged: string[] = [];
  const secrets = { ...HOOK_SECRETS, ...options.secrets };
  const destination = { write: (line: string) => void logged.push(line) };
  const door = createWebhookDoor({
    secrets,
    scope: { projectId: PROJECT, environmentId: ENVIRONMENT },
    watchedDatabases: [INBOX_DATABASE, PIPES_DATABASE],
    deliveries: memoryDeliveries(control),
    handshakes: memoryHandshakes(),
    start: async (id, sender, work) => {
      started.push({ id, sender, work });
    },
    now: () => control.now,
    log: createLog({ level: "DEBUG", json: true, destination }),
  });
  const side = await startHttp({ apiKey: secrets.apiKey, ...options.settings }, () => {}, {
    webhooks: () => door,
    webhookSeen: (seen) => counted.push(seen),
  });
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(side.origin + path, { method: "POST", headers, body });
  return { ...side, started, counted, logged, control, post };
}

function memoryDeliveries(control: WebhookSide["control"]) {
  const known = new Map<string, { digest: string; receivedAt: Date }>();
  return {
    async note(id: string, digest: string) {
      if (control.storeIsDown) throw new Error("connection refused");
      const seen = known.get(id);
      if (seen) return { isFirst: false, ...seen };
      const fresh = { digest, receivedAt: control.now };
      known.set(id, fresh);
      return { isFirst: true, ...fresh };
    },
  };
}

function memoryHandshakes() {
  let state: HandshakeState | null = null;
  return {
    get: async () => state,
    async set(next: HandshakeState) {
      state = next;
    },
    async forget() {
      state = null;
    },
  };
}

/** Every answer has to be one that the table of routes, and so the OpenAPI document, names. */
export async function send(to: WebhookSide, { path, headers, body }: Signed): Promise<Response> {
  const answer = await to.post(path, headers, body);
  const routes: Record<string, Route> = ROUTES;
  const described = Object.keys(routes[path.replace(/\?.*/, "")]?.answers ?? {});
  expect(described).toContain(String(answer.status));
  return answer;
}
export const withHeader = (request: Signed, name: string, value: string): Signed => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

export const faultOf = async (answer: Response) => Fault.parse(await answer.json());
