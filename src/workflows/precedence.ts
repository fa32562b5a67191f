/** What can wait says so; who paces requests asks. Follows a chain of awaits, so that no request has to carry it. */
import { AsyncLocalStorage } from "node:async_hooks";

const backlog = new AsyncLocalStorage<true>();

/** Whatever `run` asks for stays behind what people wait for. */
export function asBacklog<T>(run: () => T): T {
  return backlog.run(true, run);
}

export function isBacklog(): boolean {
  return backlog.getStore() === true;
}
