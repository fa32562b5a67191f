/** Why polls wait. A pause holds back polls only: clicks, decisions and everything that was started go on. */
export interface PauseState {
  /** Name of the person. */
  by: string;
  /** ISO 8601, UTC. */
  since: string;
  /** As typed; "" when none was given. */
  reason: string;
  /** ISO 8601, UTC; null = until somebody ends it. */
  until: string | null;
}

/** Whether polls wait, for all replicas; ends by itself at `until`. */
export interface PauseView {
  state(): Promise<PauseState | null>;
}

export interface Pause extends PauseView {
  set(pause: PauseState): Promise<void>;
  clear(): Promise<void>;
}

/** Polls wait as long as one of these holds them; the first one that does is named. */
export function eitherPause(...views: PauseView[]): PauseView {
  return {
    async state() {
      for (const view of views) {
        const pause = await view.state();
        if (pause !== null) return pause;
      }
      return null;
    },
  };
}

/** "polling paused by Sam Okafor since 2026-11-21T10:00:00Z: moving the inbox". Plain text, for logs and health. */
export function pauseWords({ by, since, reason, until }: PauseState): string {
  const end = until === null ? "" : ` until ${until}`;
  return `polling paused by ${by} since ${since}${end}${reason === "" ? "" : `: ${reason}`}`;
}
