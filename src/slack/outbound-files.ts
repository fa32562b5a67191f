/**
 * Files, in the three steps of Slack's upload: ask for an address, leave the bytes there, show the file to somebody.
 * The bytes go through fetch and not through the SDK, which would write the whole file into a log line it then drops.
 */
import type { webApi } from "@slack/bolt";
import { AppError, type ErrorCode } from "../errors.ts";
import { slackErrorWord, toAppError } from "./api-errors.ts";

/** Slack takes files up to 1 GB; what a person downloads from a chat is far smaller. */
const UPLOAD_TIMEOUT_MS = 120_000;

export interface FileShare {
  id: string;
  title: string;
  /** C…, G… or D…: a person's id is refused here. */
  channel: string;
  /** Inert mrkdwn; the message that the file hangs on. */
  comment: string;
}

export interface Files {
  /** Leaves the bytes with Slack, where nobody sees them yet. Returns the file's id. */
  uploadFile(file: { name: string; text: string }): Promise<string>;
  /**
   * "unconfirmed": Slack no longer knows the upload. After an answer that was lost that means that it was shared; after
   * a long wait, that it is gone.
   */
  shareFile(share: FileShare): Promise<"shared" | "unconfirmed">;
}

interface FilesDeps {
  client: webApi.WebClient;
  /** Called for every call that failed. */
  onFailure?: (code: ErrorCode) => void;
}

export function createFiles({ client, onFailure }: FilesDeps): Files {
  const failed = (error: unknown, method: string): AppError => {
    const failure = toAppError(error, method);
    onFailure?.(failure.code);
    return failure;
  };
  return {
    async uploadFile({ name, text }) {
      const bytes = Buffer.from(text);
      const method = "files.getUploadURLExternal";
      try {
        const ticket = await client.files.getUploadURLExternal({ filename: name, length: bytes.length });
        if (!ticket.upload_url || !ticket.file_id) throw noTicket(method);
        await leaveBytes(ticket.upload_url, bytes);
        return ticket.file_id;
      } catch (error) {
        throw failed(error, method);
      }
    },
    async shareFile({ id, title, channel, comment }) {
      try {
        await client.files.completeUploadExternal({
          files: [{ id, title }],
          channel_id: channel,
          initial_comment: comment,
        });
        return "shared";
      } catch (error) {
        if (slackErrorWord(error) === "file_not_found") return "unconfirmed";
        throw failed(error, "files.completeUploadExternal");
      }
    },
  };
}

function noTicket(method: string): AppError {
  return new AppError(`Slack ${method}: no address in the answer`, {
    code: "slack_unavailable",
    retryable: true,
  });
}

/** The address is a secret of its own and takes no token. */
async function leaveBytes(address: string, bytes: Buffer): Promise<void> {
  const signal = AbortSignal.timeout(UPLOAD_TIMEOUT_MS);
  const headers = { "content-type": "application/octet-stream" };
  let answer: Response;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers,
      body: new Uint8Array(bytes),
      redirect: "error",
      signal,
    });
  } catch (error) {
    // What fetch says names the address.
    throw uploadFailed("no answer", true, error);
  }
  await answer.body?.cancel();
  if (!answer.ok) throw uploadFailed(`HTTP ${answer.status}`, answer.status >= 500 || answer.status === 429);
}

function uploadFailed(what: string, retryable: boolean, cause?: unknown): AppError {
  return new AppError(`Slack's upload address: ${what}`, {
    code: retryable ? "slack_unavailable" : "slack_rejected",
    retryable,
    cause,
  });
}
