/**
 * Socket Mode as Slack serves it: tickets, hello, envelopes and their acknowledgements, and the ways a connection ends.
 * An app that once asked for a socket gets nothing over HTTP any more. Owns no payload and no retry.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isRecord, type Json, parseJson } from "./json-values.ts";
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
  socket: WebSocket;
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
  const server = new WebSocketServer({ noServer: true });
  const connections = new Set<Connection>();
  let turn = 0;
  const serving = () => [...connections].filter((connection) => connection.isServing);
  const pings = setInterval(() => {
    for (const { socket } of connections) socket.ping();
  }, PING_EVERY_MS).unref();

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
    cut: () => {
      for (const { socket } of connections) socket.terminate();
    },
    accept(request, stream) {
      const ticket = new URL(`http://slack.invalid${request.url ?? "/"}`).searchParams.get("ticket") ?? "";
      if (workspace.socketTickets.get(ticket) !== "fresh" || connections.size >= MAX_CONNECTIONS) {
        stream.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n", () => stream.destroy());
        return;
      }
      workspace.socketTickets.set(ticket, "used");
      server.handleUpgrade(request, stream, Buffer.alloc(0), (socket) => {
        connect(workspace, { socket, stream }, connections);
        welcome(workspace, socket, connections.size);
      });
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
      // Those that said goodbye and are still open too.
      for (const socket of server.clients) socket.terminate();
    },
  };
}

function connect(
  workspace: Workspace,
  { socket, stream }: { socket: WebSocket; stream: Duplex },
  connections: Set<Connection>,
): void {
  const connection: Connection = { socket, isServing: true, pending: new Map() };
  const leave = () => {
    if (!connections.delete(connection)) return;
    for (const settle of [...connection.pending.values()]) settle({ error: "dispatch_failed", body: "" });
    workspace.changed();
  };
  socket.on("message", (said) => hear(connection, said.toString()));
  socket.on("error", () => socket.terminate());
  socket.on("close", leave);
  // Slack answers the goodbye and leaves the TCP connection to the client; `ws` would end it here.
  stream.end = () => {
    leave();
    return stream;
  };
  stream.on("end", () => stream.destroy());
  connections.add(connection);
  workspace.changed();
}

function hear({ pending }: Connection, said: string): void {
  const message = parseJson(said);
  if (!isRecord(message)) return;
  const { envelope_id: id, payload } = message;
  const isEmpty = payload === undefined || (isRecord(payload) && Object.keys(payload).length === 0);
  pending.get(String(id))?.({ error: null, body: isEmpty ? "" : JSON.stringify(payload) });
}

function welcome(workspace: Workspace, socket: WebSocket, count: number): void {
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
