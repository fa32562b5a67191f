/** The ways from Slack into the inbox, connected to the book of captures and the threads. */
import type { PauseView } from "../domain/pause.ts";
import type { Slack } from "../slack/slack.ts";
import { createCaptureBook } from "../store/captures.ts";
import type { Store } from "../store/store.ts";
import { registerCaptures } from "../workflows/captures.ts";
import type { Workflows } from "../workflows/workflows.ts";

interface CaptureParts {
  store: Store;
  slack: Slack;
  workflows: Workflows;
  pause: PauseView;
  now: () => Date;
}

/** Call before the engine is launched. */
export function createCaptures({ store, slack, workflows, pause, now }: CaptureParts) {
  return registerCaptures({
    book: createCaptureBook(store.db),
    wall: slack.captureWall,
    inbox: workflows.capture,
    pause,
    now,
  });
}
