/** Requests that no Slack client would send, signed as Slack signs them: any person, any button, any form. */
import type { Bot } from "./bot.ts";

export interface ForgedClick {
  user: string;
  teamId?: string;
  actionId: string;
  value: string;
  /** null = in the Home tab. */
  card: { channel: string; ts: string } | null;
}

export interface ForgedForm {
  user: string;
  callbackId: string;
  metadata: string;
  values: object;
}

const TEAM = "T0ACME0001";

export function forgerOf(bot: () => Bot) {
  let trigger = 0;
  const common = (user: string, teamId = TEAM) => {
    trigger += 1;
    return {
      team: { id: TEAM, domain: "acme-example" },
      user: { id: user, username: "x", name: "x", team_id: teamId },
      ...{ api_app_id: "A1", token: "t", trigger_id: `forged.${trigger}` },
    };
  };
  const send = (payload: object) =>
    bot().world.slack.send(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  return {
    click({ user, teamId, actionId, value, card }: ForgedClick) {
      const action = { type: "button", action_id: actionId, block_id: "b", value, action_ts: "1.1" };
      const place =
        card === null
          ? {
              container: { type: "view", view_id: "V1" },
              view: { id: "V1", type: "home", hash: "h", callback_id: "", private_metadata: "", blocks: [] },
            }
          : {
              container: {
                type: "message",
                message_ts: card.ts,
                channel_id: card.channel,
                is_ephemeral: false,
              },
              channel: { id: card.channel, name: "leadership" },
              message: { ts: card.ts, text: "" },
            };
      return send({ type: "block_actions", ...common(user, teamId), ...place, actions: [action] });
    },
    submit({ user, callbackId, metadata, values }: ForgedForm) {
      const view = { id: "V1", type: "modal", hash: "h", blocks: [] };
      const state = { values };
      return send({
        ...{ type: "view_submission", response_urls: [], ...common(user) },
        view: { ...view, callback_id: callbackId, private_metadata: metadata, state },
      });
    },
  };
}
