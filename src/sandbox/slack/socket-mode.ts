/**
 * Socket Mode as Slack serves it: tickets, hello, envelopes and their acknowledgements, and the ways a connection ends.
 * An app that once asked for a socket gets nothing over HTTP any more. Owns no payload and no retry.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isRecord, type Json, parseJson } from "./json-values.ts";
import { acceptWebSocket, type ServerWebSocket } from "./web-socket.ts";
import type { Workspace } from "./workspace.ts";

export interface Envelope extends Json {
  envelope_id: string;
  type: "interactive" | "slash_commands" | "events_api";
  accepts_response_payload: boolean;
  payload: unknown;
}

/** `body` is the acknowledgement's payload as JSON; "" when it had none. */
export interface SocketAnswer {
  error: "operation_timeout" | "dispatch_failed" | "invalid_response" | null;
  body: string;
}

/** The app's sockets, for tests of what happens to them. */
export interface Sockets {
  /** Open ones that Slack would deliver to. */
  open(): number;
  /** Tells all of them that they will be recycled, as Slack does every few hours; the app has to connect anew. */
  refresh(): void;
  /** The network fails: connections end without a word. */
  cut(): void;
}

export interface SocketMode extends Sockets {
  isOn(): boolean;
  accept(request: IncomingMessage, stream: Duplex): void;
  /** To one of the sockets. */
  deliver(envelope: Envelope, ackLimitMs: number): Promise<SocketAnswer>;
  close(): void;
}

interface Connection {
  socket: ServerWebSocket;
  /** False once it was told to go. */
  isServing: boolean;
  pending: Map<string, (answer: SocketAnswer) => void>;
}

const MAX_CONNECTIONS = 10;
const PING_EVERY_MS = 10_000;
/** What Slack announces: about five hours. */
const CONNECTION_SECONDS = 18_060;
const DEBUG_HOST = "applink-sandbox";

export function createSocketMode(workspace: Workspace): SocketMode {
  const connections = new Set<Connection>();
  let turn = 0;
  const serving = () => [...connections].filter((connection) => connection.isServing);
  const pings = setInterval(() => {
    for (const { socket } of connections) socket.ping();
  }, PING_EVERY_MS).unref();

  const cut = () => {
    for (const { socket } of connections) socket.cut();
  };
  return {
    isOn: () => workspace.socketTickets.size > 0,
    open: () => serving().length,
    refresh() {
      for (const connection of serving()) {
        connection.isServing = false;
        connection.socket.send(
          JSON.stringify({
            type: "disconnect",
            reason: "refresh_requested",
            debug_info: { host: DEBUG_HOST },
          }),
        );
      }
      workspace.changed();
    },
    cut,
    accept(request, stream) {
      const ticket = new URL(`http://slack.invalid${request.url ?? "/"}`).searchParams.get("ticket") ?? "";
      if (workspace.socketTickets.get(ticket) !== "fresh" || connections.size >= MAX_CONNECTIONS) {
        stream.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
        return;
      }
      workspace.socketTickets.set(ticket, "used");
      const connection = connect(workspace, request, stream, connections);
      if (connection !== null) welcome(workspace, connection.socket, connections.size);
    },
    deliver(envelope, ackLimitMs) {
      const all = serving();
      turn += 1;
      const connection = all[turn % Math.max(all.length, 1)];
      if (connection === undefined) return Promise.resolve({ error: "dispatch_failed", body: "" });
      return new Promise((resolve) => {
        const settle = (answer: SocketAnswer) => {
          clearTimeout(timer);
          connection.pending.delete(envelope.envelope_id);
          resolve(checked(envelope, answer));
        };
        const timer = setTimeout(() => settle({ error: "operation_timeout", body: "" }), ackLimitMs);
        connection.pending.set(envelope.envelope_id, settle);
        connection.socket.send(JSON.stringify(envelope));
      });
    },
    close() {
      clearInterval(pings);
      cut();
    },
  };
}

function connect(
  workspace: Workspace,
  request: IncomingMessage,
  stream: Duplex,
  connections: Set<Connection>,
): Connection | null {
  const socket = acceptWebSocket(request, stream, {
    text: (said) => hear(said),
    closed: () => leave(),
  });
  if (socket === null) return null;
  const connection: Connection = { socket, isServing: true, pending: new Map() };
  const hear = (said: string) => {
    const message = parseJson(said);
    if (!isRecord(message)) return;
    const { envelope_id: id, payload } = message;
    const isEmpty = payload === undefined || (isRecord(payload) && Object.keys(payload).length === 0);
    connection.pending.get(String(id))?.({ error: null, body: isEmpty ? "" : JSON.stringify(payload) });
  };
  const leave = () => {
    connections.delete(connection);
    for (const settle of [...connection.pending.values()]) settle({ error: "dispatch_failed", body: "" });
    workspace.changed();
  };
  connections.add(connection);
  workspace.changed();
  return connection;
}

function welcome(workspace: Workspace, socket: ServerWebSocket, count: number): void {
  socket.send(
    JSON.stringify({
      type: "hello",
      num_connections: count,
      debug_info: { host: DEBUG_HOST, build_number: 1, approximate_connection_time: CONNECTION_SECONDS },
      connection_info: { app_id: workspace.appId },
    }),
  );
}

/** Slack ignores what it did not ask for; a bot that sends it believes something that is not so. */
function checked(envelope: Envelope, answer: SocketAnswer): SocketAnswer {
  if (answer.body === "" || envelope.accepts_response_payload) return answer;
  return { error: "invalid_response", body: "" };
}

/** What people and events cause, as it goes over a socket. */
export function envelopeOf(type: Envelope["type"], payload: unknown): Envelope {
  const kind = isRecord(payload) ? payload["type"] : undefined;
  return {
    envelope_id: randomUUID(),
    payload,
    type,
    accepts_response_payload: type === "slash_commands" || kind === "view_submission",
    ...(type === "events_api" ? { retry_attempt: 0, retry_reason: "" } : {}),
  };
}
