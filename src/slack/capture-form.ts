/** Opens the form into the inbox: empty, or filled with a message. Whoever may not use it gets the reason instead. */
import type { Said } from "../domain/capture.ts";
import type { CaptureDesk } from "./capture-ports.ts";
import { messageModal } from "./cards/blocks.ts";
import { alreadyText } from "./cards/capture-notes.ts";
import { type CaptureDraft, captureView } from "./cards/capture-view.ts";
import { VIEWS } from "./ids.ts";
import type { MemberGate } from "./member-gate.ts";
import { namedIn, rawWords, type SpokenMessage, spokenText } from "./message-text.ts";
import { lookUpNames } from "./names.ts";
import type { Outbound } from "./outbound.ts";
import { openPrepared } from "./replies.ts";

export interface CaptureFormDeps {
  desk: Pick<CaptureDesk, "captured">;
  gate: MemberGate;
  outbound: Pick<Outbound, "openModal" | "updateModal" | "person" | "channel" | "permalink">;
}

export interface FormOpening {
  userId: string;
  teamId: string | undefined;
  triggerId: string;
  /** The message that fills the form. */
  from: MessageSource | null;
}

export interface MessageSource {
  message: SpokenMessage;
  channel: { id: string; name: string };
}

const TITLE = "Send to inbox";
/** For the audit. */
export const CAPTURE_ACTION = "inbox.capture";

export type OpenCaptureForm = (opening: FormOpening) => Promise<void>;

export function createCaptureForm({ desk, gate, outbound }: CaptureFormDeps): OpenCaptureForm {
  return async ({ userId, teamId, triggerId, from }) => {
    const subject = from === null ? "form" : `${from.channel.id}:${from.message.ts}`;
    await openPrepared({
      ...{ outbound, triggerId, title: TITLE },
      async prepare() {
        const permission = await gate({ userId, teamId, action: CAPTURE_ACTION, subject });
        if (!permission.ok) return { refusal: permission.reason };
        if (from === null) return { view: captureView({ text: "", said: null }) };
        const ref = { channel: from.channel.id, ts: from.message.ts };
        const [captured, draft] = await Promise.all([desk.captured(ref), draftOf(outbound, from)]);
        return captured === null ? { view: captureView(draft) } : { refusal: alreadyText(captured, userId) };
      },
      refuse: async (sentence) => {
        await outbound.openModal(triggerId, messageModal(VIEWS.message, TITLE, sentence));
      },
    });
  };
}

async function draftOf(
  outbound: CaptureFormDeps["outbound"],
  { message, channel }: MessageSource,
): Promise<CaptureDraft> {
  const words = rawWords(message);
  const named = namedIn(words);
  const ref = { channel: channel.id, ts: message.ts };
  const authorId = message.user ?? null;
  const users = authorId === null ? named.users : [authorId, ...named.users];
  const [names, permalink] = await Promise.all([
    lookUpNames(outbound, { ...named, users }),
    outbound.permalink(ref),
  ]);
  const said: Said = {
    message: ref,
    rootTs: message.thread_ts ?? message.ts,
    author: speakerOf(message, names.users),
    place: placeOf(channel),
    permalink,
  };
  return { text: spokenText(words, names), said };
}

/** null where nobody is named: an app without a name, or a person whom Slack does not know. */
export function speakerOf(message: SpokenMessage, users: ReadonlyMap<string, string>): string | null {
  const known = message.user ? users.get(message.user) : undefined;
  return known ?? message.username ?? message.bot_profile?.name ?? message.user ?? null;
}

/** Slack does not name private conversations in payloads, and neither does the bot. */
export function placeOf({ name }: { id: string; name: string }): string {
  if (name === "directmessage") return "a direct message";
  return name === "" || name === "privategroup" ? "a private channel" : `#${name}`;
}
