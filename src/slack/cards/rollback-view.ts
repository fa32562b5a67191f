/** The form in which a rollback is confirmed: what it does and does not do, and the commit typed by hand. Pure. */
import { type Deployment, type HostingPlan, shortName } from "../../domain/deployment.ts";
import { encodeRollbackValue, INPUTS, VIEWS } from "../ids.ts";
import { inertLine, LIMITS } from "../limits.ts";
import { context, type Modal, plain, section, textInput } from "./blocks.ts";
import { deploymentOrigin, deploymentTitle, keptWords } from "./deployment-words.ts";

export interface RollbackForm {
  target: Deployment;
  live: Deployment;
  plan: HostingPlan | null;
  alertsChannel: string;
}

export function rollbackView({ target, live, plan, alertsChannel }: RollbackForm): Modal {
  const name = shortName(target);
  return {
    type: "modal",
    callback_id: VIEWS.rollback,
    private_metadata: encodeRollbackValue({ id: target.id, live: live.id }),
    title: plain("Roll back", LIMITS.viewTitle),
    submit: plain("Roll back", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section("rollback_target", `*Go back to* ${deploymentTitle(target)}\n${deploymentOrigin(target)}`),
      section("rollback_from", `*Live now:* ${deploymentTitle(live)}\n${deploymentOrigin(live)}`),
      section("rollback_effects", effects(target, alertsChannel)),
      context("rollback_kept", keptWords(target, plan)),
      textInput({
        ...INPUTS.rollbackName,
        label: `Type ${name} to confirm`,
        initial: "",
        optional: false,
        multiline: false,
      }),
    ],
  };
}

function effects({ commit }: Deployment, alertsChannel: string): string {
  const branch = commit?.branch ? ` to ${inertLine(commit.branch, 60)}` : "";
  return [
    "• *Comes back:* the image and all variables of that deployment, secrets included. One that was changed since then has its old value again.",
    "• *Stays:* the database. No migration is undone, nothing that was recorded is lost.",
    "• Decisions and items in flight go on in the version that starts.",
    `• The next push${branch} deploys over it.`,
    `• I follow it in <#${alertsChannel}> until it is healthy or has failed.`,
  ].join("\n");
}

/** Whether the person typed what the form asked for. */
export function isConfirmed(typed: string | null, target: Deployment): boolean {
  const word = (typed ?? "").trim().replace(/^`|`$/g, "").toLowerCase();
  return word !== "" && [shortName(target), target.commit?.hash, target.id].includes(word);
}
