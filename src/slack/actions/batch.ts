/** Opens the form in which several decisions with an impact below 8 are made; whoever may make none of them is told who may. */

import { BATCH_TITLE, batchView } from "../cards/batch-view.ts";
import { messageModal } from "../cards/blocks.ts";
import type { Directory } from "../directory.ts";
import type { Gate } from "../gate.ts";
import { VIEWS } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { type ButtonClick, isFromHome, listenerOf } from "./click.ts";

export interface OpenBatchDeps {
  desk: Pick<DecisionDesk, "pending" | "isForBatch">;
  directory: Pick<Directory, "decidable">;
  gate: Gate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
  now: () => Date;
}

const NOTHING = "No decision with an impact below 8 waits for you. `/emm pending` lists all that are open.";

export function openBatch({ desk, directory, gate, outbound, now }: OpenBatchDeps) {
  return async ({ body, respond }: ButtonClick): Promise<void> => {
    const { id: userId, team_id: teamId } = body.user;
    const fromHome = isFromHome(body);
    const prepare = async (): Promise<Prepared> => {
      const low = (await desk.pending()).filter((decision) => desk.isForBatch(decision, userId));
      const mine = await directory.decidable(
        userId,
        low.map(({ id }) => id),
      );
      const decisions = low.filter(({ id }) => mine.has(id));
      if (decisions.length > 0) return { view: batchView({ decisions, fromHome, now: now() }) };
      const [first] = low;
      if (first === undefined) return { view: messageModal(VIEWS.message, BATCH_TITLE, NOTHING) };
      const permission = await gate.pass({
        ...{ role: "decide", userId, teamId, subject: first.id },
        action: "decision.batch",
      });
      return { refusal: permission.ok ? NOTHING : permission.reason };
    };
    await openPrepared({
      ...{ outbound, triggerId: body.trigger_id, title: BATCH_TITLE, prepare },
      refuse: (sentence) => tell(outbound, listenerOf({ body, respond }), sentence),
    });
  };
}
