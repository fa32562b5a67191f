/** Modals and home tabs: the stack of each person, hashes, and how the Web API and payloads show a view. */
import { withIds } from "./blocks/interactive-elements.ts";
import { carriedState, initialState } from "./element-state.ts";
import { copyOf, type Json } from "./json-values.ts";
import type { StoredView, Workspace } from "./workspace.ts";

/** A modal and two more on top of it. */
export const MAX_STACKED_VIEWS = 3;

export function stackOf(workspace: Workspace, userId: string): StoredView[] {
  return workspace.modals.get(userId) ?? [];
}

export function findView(workspace: Workspace, id: string): StoredView | undefined {
  return allViews(workspace).find((view) => view.id === id);
}

export function findViewByExternalId(workspace: Workspace, externalId: string): StoredView | undefined {
  return allViews(workspace).find((view) => view.view["external_id"] === externalId);
}

function allViews(workspace: Workspace): StoredView[] {
  return [...[...workspace.modals.values()].flat(), ...workspace.homes.values()];
}

/** Opens a modal: whatever the person had open is gone. */
export function openModal(workspace: Workspace, userId: string, view: Json): StoredView {
  const opened = createView(workspace, { userId, view, below: null });
  workspace.modals.set(userId, [opened]);
  workspace.changed();
  return opened;
}

export function pushModal(workspace: Workspace, userId: string, view: Json): StoredView {
  const stack = stackOf(workspace, userId);
  const pushed = createView(workspace, { userId, view, below: stack.at(-1) ?? null });
  workspace.modals.set(userId, [...stack, pushed]);
  workspace.changed();
  return pushed;
}

export function publishHome(workspace: Workspace, userId: string, view: Json): StoredView {
  const existing = workspace.homes.get(userId);
  if (existing !== undefined) {
    changeView(workspace, existing, view);
    return existing;
  }
  const published = createView(workspace, { userId, view, below: null });
  workspace.homes.set(userId, published);
  workspace.changed();
  return published;
}

export function changeView(workspace: Workspace, stored: StoredView, view: Json): void {
  stored.view = withViewIds(workspace, view);
  stored.state = carriedState(stored.view["blocks"], stored.state);
  stored.hash = nextHash(workspace);
  stored.errors = {};
  workspace.changed();
}

/** Takes the top view away; the one below shows again. */
export function popModal(workspace: Workspace, userId: string): void {
  workspace.modals.set(userId, stackOf(workspace, userId).slice(0, -1));
  workspace.changed();
}

export function clearModals(workspace: Workspace, userId: string): void {
  workspace.modals.delete(userId);
  workspace.changed();
}

function createView(
  workspace: Workspace,
  options: { userId: string; view: Json; below: StoredView | null },
): StoredView {
  const id = workspace.nextId("V");
  const view = withViewIds(workspace, options.view);
  return {
    id,
    hash: nextHash(workspace),
    userId: options.userId,
    kind: view["type"] === "home" ? "home" : "modal",
    rootId: options.below?.rootId ?? id,
    previousId: options.below?.id ?? null,
    view,
    state: initialState(view["blocks"]),
    errors: {},
  };
}

function withViewIds(workspace: Workspace, view: Json): Json {
  return { ...copyOf(view), blocks: withIds(view["blocks"], () => workspace.nextSecret().slice(0, 5)) };
}

function nextHash(workspace: Workspace): string {
  return `${Math.floor(workspace.now() / 1000)}.${workspace.nextSecret().slice(0, 8)}`;
}

export function viewJson(workspace: Workspace, stored: StoredView): Json {
  const { view } = stored;
  return {
    id: stored.id,
    team_id: workspace.seed.team.id,
    type: stored.kind,
    blocks: copyOf(view["blocks"]),
    private_metadata: view["private_metadata"] ?? "",
    callback_id: view["callback_id"] ?? "",
    external_id: view["external_id"] ?? "",
    title: copyOf(view["title"] ?? { type: "plain_text", text: "View Title", emoji: true }),
    close: copyOf(view["close"] ?? null),
    submit: copyOf(view["submit"] ?? null),
    clear_on_close: view["clear_on_close"] ?? false,
    notify_on_close: view["notify_on_close"] ?? false,
    state: { values: copyOf(stored.state) },
    hash: stored.hash,
    root_view_id: stored.rootId,
    previous_view_id: stored.previousId,
    app_id: workspace.appId,
    app_installed_team_id: workspace.seed.team.id,
    bot_id: workspace.seed.bot.botId,
  };
}
