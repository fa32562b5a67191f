/** The quick actions of the Home tab. Each does what its command does, with the same checks, and answers in a modal. */
import type { OpenCaptureForm } from "../capture-form.ts";
import { messageModal } from "../cards/blocks.ts";
import type { CommandHandler } from "../commands/emm.ts";
import { VIEWS } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, replyModal } from "../replies.ts";
import type { ButtonClick } from "./click.ts";

export function newItem(open: OpenCaptureForm) {
  return async ({ body }: ButtonClick): Promise<void> => {
    await open({
      userId: body.user.id,
      teamId: body.user.team_id,
      triggerId: body.trigger_id,
      from: null,
    });
  };
}

export interface QuickCommand {
  title: string;
  handler: CommandHandler;
  outbound: Pick<Outbound, "openModal" | "updateModal">;
  /** Shown when the answer takes long. */
  waiting?: string;
}

export function quickCommand({ title, handler, outbound, waiting }: QuickCommand) {
  return async ({ body }: ButtonClick): Promise<void> => {
    const { trigger_id: triggerId, user, team } = body;
    const request = {
      userId: user.id,
      // Payloads that name no team are refused where the team is checked.
      teamId: user.team_id ?? team?.id ?? "",
      ...{ triggerId, channelId: "", text: "", mentioned: [] },
      progress: () => Promise.resolve(),
    };
    await openPrepared({
      ...{ outbound, triggerId, title },
      ...(waiting === undefined ? {} : { waiting }),
      async prepare() {
        const reply = await handler(request);
        return reply === null ? { refusal: NOTHING } : { view: replyModal(title, reply) };
      },
      refuse: async (sentence) => {
        await outbound.openModal(triggerId, messageModal(VIEWS.message, title, sentence));
      },
    });
  };
}

const NOTHING = "There is nothing to show.";
