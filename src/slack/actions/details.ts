/** Details: the whole analysis in a modal, and its pages. Reading needs no right beyond seeing the card. */
import { type DecisionInDetail, detailsView } from "../cards/details-view.ts";
import { GARBLED_BUTTON, resultSentence } from "../cards/notes.ts";
import { decodeDecisionValue, decodePageValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface DetailsDeps {
  desk: Pick<DecisionDesk, "find" | "asked">;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export function details({ desk, outbound }: DetailsDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Full analysis",
      prepare: async () => {
        const decision = await withWords(desk, value.id);
        return decision === null
          ? { refusal: unknownDecision(body.user.id) }
          : { view: detailsView(decision) };
      },
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

export function turnPage({ desk, outbound }: DetailsDeps) {
  return async ({ action, body }: ButtonClick): Promise<void> => {
    const value = decodePageValue(action.value);
    const { view } = body;
    if (value === null || !view) return;
    const decision = await withWords(desk, value.id);
    if (decision !== null) await outbound.updateModal(view, detailsView(decision, value.page));
  };
}

async function withWords(desk: DetailsDeps["desk"], id: string): Promise<DecisionInDetail | null> {
  const [decision, asked] = await Promise.all([desk.find(id), desk.asked(id)]);
  return decision && { ...decision, asked };
}

function unknownDecision(userId: string): string {
  return resultSentence({ kind: "not-found" }, { userId, replacementUrl: null }) ?? GARBLED_BUTTON;
}
