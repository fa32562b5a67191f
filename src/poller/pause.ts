/** The pause that operators set: one row in the store, so that it outlives restarts and every replica sees it. */
import type { Pause, PauseState } from "../domain/pause.ts";

const KEY = "poll-pause";

export interface PauseDeps {
  settings: {
    get<T extends object>(key: string): Promise<T | null>;
    set(key: string, value: object): Promise<void>;
  };
  now: () => Date;
}

export function createPause({ settings, now }: PauseDeps): Pause {
  return {
    async state() {
      const held = (await settings.get<{ pause: PauseState | null }>(KEY))?.pause ?? null;
      if (held === null) return null;
      const isOver = held.until !== null && Date.parse(held.until) <= now().getTime();
      return isOver ? null : held;
    },
    set: (pause) => settings.set(KEY, { pause }),
    clear: () => settings.set(KEY, { pause: null }),
  };
}
