/**
 * The server's end of one WebSocket: what RFC 6455 asks for whole text frames, pings and the closing handshake. No
 * extensions and no fragments, which the SDK's client never sends. Owns the wire; what is said is in socket-mode.ts.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export interface WebSocketListener {
  text(said: string): void;
  /** Once: the other end said goodbye or is gone. */
  closed(): void;
}

export interface ServerWebSocket {
  send(text: string): void;
  ping(): void;
  /** Cuts the connection without a goodbye. */
  cut(): void;
}

interface Frame {
  opcode: number;
  payload: Buffer;
}

/** From the RFC. */
const HANDSHAKE_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const FINAL = 0x80;
const MASKED = 0x80;

/** Takes over the stream of an HTTP upgrade. Null, and the stream is closed, when it is none for a WebSocket. */
export function acceptWebSocket(
  request: IncomingMessage,
  stream: Duplex,
  listener: WebSocketListener,
): ServerWebSocket | null {
  const key = request.headers["sec-websocket-key"];
  if (key === undefined || request.headers.upgrade?.toLowerCase() !== "websocket") {
    stream.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    return null;
  }
  const accept = createHash("sha1").update(`${key}${HANDSHAKE_SALT}`).digest("base64");
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  let isOpen = true;
  const ended = () => {
    if (isOpen) listener.closed();
    isOpen = false;
  };
  const write = (opcode: number, payload: Buffer) => {
    if (stream.writable) stream.write(frameOf(opcode, payload));
  };
  const react = ({ opcode, payload }: Frame) => {
    if (opcode === PING) write(PONG, payload);
    else if (opcode === TEXT) listener.text(payload.toString());
    else if (opcode === CLOSE) {
      // Slack answers the goodbye and leaves the TCP connection to the client.
      write(CLOSE, payload);
      ended();
    } else if (opcode !== PONG) stream.destroy();
  };
  let received: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let taken = takeFrame(received); taken !== null; taken = takeFrame(received)) {
      received = taken.rest;
      if (taken.frame === null) stream.destroy();
      else if (isOpen) react(taken.frame);
    }
  });
  stream.on("error", ended);
  stream.on("close", ended);
  stream.on("end", () => stream.end());
  return {
    send: (text) => write(TEXT, Buffer.from(text)),
    ping: () => write(PING, Buffer.alloc(0)),
    cut: () => stream.destroy(),
  };
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  let head: Buffer;
  if (length < 126) head = Buffer.from([FINAL | opcode, length]);
  else if (length < 65_536) {
    head = Buffer.from([FINAL | opcode, 126, 0, 0]);
    head.writeUInt16BE(length, 2);
  } else {
    head = Buffer.from([FINAL | opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** Null when the frame is not complete yet. Its `frame` is null when a client may not send such a one. */
function takeFrame(received: Buffer): { frame: Frame | null; rest: Buffer } | null {
  if (received.length < 2) return null;
  const first = received.readUInt8(0);
  const second = received.readUInt8(1);
  if ((first & FINAL) === 0 || (second & MASKED) === 0) return { frame: null, rest: Buffer.alloc(0) };
  const short = second & 0x7f;
  const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (received.length < maskAt + 4) return null;
  const length =
    short === 126 ? received.readUInt16BE(2) : short === 127 ? Number(received.readBigUInt64BE(2)) : short;
  const start = maskAt + 4;
  if (received.length < start + length) return null;
  const mask = received.subarray(maskAt, start);
  const payload = Buffer.from(received.subarray(start, start + length));
  for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at % 4] ?? 0);
  return { frame: { opcode: first & 0x0f, payload }, rest: received.subarray(start + length) };
}
