/** files.* (the external upload in three steps), blocks.validate and apps.*. */
import { type BlockError, validateBlocks, validateView } from "../blocks/validate-blocks.ts";
import { isRecord, listOf, recordOf, stringOf } from "../json-values.ts";
import { addMessage, fileJson, findMessage } from "../messages.ts";
import { jsonArg, type Method, SlackRefusal, textArg } from "../method-call.ts";
import type { StoredFile, Workspace } from "../workspace.ts";
import { writableChannel } from "./conversation-access.ts";

/** What Slack takes at most. */
const LARGEST_FILE = 1_000_000_000;
/** Slack does not say how long an upload address lives; a short life is the stricter one. */
const UPLOAD_LIFE_MS = 15 * 60_000;
/** Of channels, groups and direct messages: a person's id is refused, other than by chat.postMessage. */
const CONVERSATION_ID = /^[CGDZ][A-Z0-9]{8,}$/;

const getUploadUrl: Method = ({ args, workspace }) => {
  const name = textArg(args, "filename");
  const length = Number(textArg(args, "length"));
  if (name === "" || !Number.isInteger(length) || length <= 0) {
    throw new SlackRefusal("invalid_arguments", {
      response_metadata: { messages: ["[ERROR] filename and a length above 0 are required"] },
    });
  }
  if (length > LARGEST_FILE) throw new SlackRefusal("file_upload_size_restricted");
  const id = workspace.nextId("F");
  const expiresAt = workspace.now() + UPLOAD_LIFE_MS;
  workspace.files.set(id, { id, name, title: name, length, expiresAt, content: null, shared: false });
  return { upload_url: `${workspace.origin}/upload/v1/${id}`, file_id: id };
};

const completeUpload: Method = (call) => {
  const { args, workspace } = call;
  const files = listOf(jsonArg(args, "files", "invalid_arguments"))
    .filter(isRecord)
    .map((entry) => uploadedFile(workspace, stringOf(entry["id"]), stringOf(entry["title"])));
  if (files.length === 0) throw new SlackRefusal("invalid_arguments");
  const target = textArg(args, "channel_id") || (textArg(args, "channels").split(",")[0] ?? "");
  if (target !== "") {
    const channel = writableChannel({ args: { channel: conversationId(target) }, workspace });
    const threadTs = textArg(args, "thread_ts") || null;
    if (threadTs !== null && findMessage(workspace, channel.id, threadTs) === undefined)
      throw new SlackRefusal("invalid_thread_ts");
    const message = addMessage(workspace, {
      channel: channel.id,
      user: workspace.seed.bot.userId,
      byBot: true,
      text: textArg(args, "initial_comment"),
      threadTs,
    });
    message.files = files;
  }
  for (const file of files) file.shared = true;
  workspace.changed();
  return { files: files.map((file) => fileJson(workspace, file)) };
};

function conversationId(text: string): string {
  if (CONVERSATION_ID.test(text)) return text;
  const rule = "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]";
  throw new SlackRefusal("invalid_arguments", { response_metadata: { messages: [rule] } });
}

/** An upload is good for one completion. */
function uploadedFile(workspace: Workspace, id: string, title: string): StoredFile {
  const file = workspace.files.get(id);
  if (file === undefined || file.content === null || file.shared || file.expiresAt < workspace.now())
    throw new SlackRefusal("file_not_found");
  if (title !== "") file.title = title;
  return file;
}

const validate: Method = ({ args }) => {
  const blocks = jsonArg(args, "blocks", "invalid_arguments");
  const message = jsonArg(args, "message", "invalid_arguments");
  const view = jsonArg(args, "view", "invalid_arguments");
  if ([blocks, message, view].filter((one) => one !== undefined).length !== 1)
    throw new SlackRefusal("invalid_arguments");
  refuseWith("invalid_blocks", blocks === undefined ? [] : validateBlocks(blocks, "message", ""));
  if (message !== undefined)
    refuseWith("invalid_message", validateBlocks(recordOf(message)["blocks"] ?? [], "message"));
  refuseWith("invalid_view", view === undefined ? [] : validateView(view, ""));
  return {};
};

function refuseWith(error: string, errors: BlockError[]): void {
  if (errors.length > 0) throw new SlackRefusal(error, { errors });
}

/** The URL is good for one connection. */
const openSocket: Method = ({ workspace }) => {
  const ticket = workspace.nextSecret();
  workspace.socketTickets.set(ticket, "fresh");
  const origin = workspace.origin.replace(/^http/, "ws");
  return { url: `${origin}/link/?ticket=${ticket}&app_id=${workspace.appId}` };
};

const exportManifest: Method = ({ args, workspace }) => {
  if (textArg(args, "app_id") !== workspace.appId) throw new SlackRefusal("app_not_found");
  return { manifest: workspace.manifest };
};

export const fileAndCheckMethods: Record<string, Method> = {
  "files.getUploadURLExternal": getUploadUrl,
  "files.completeUploadExternal": completeUpload,
  "blocks.validate": validate,
  "apps.connections.open": openSocket,
  "apps.manifest.export": exportManifest,
};
