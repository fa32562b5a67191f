/** `state.values` of a view or message: at the start, after an update, after somebody entered something. */
import { elementsIn, initialValueOf, valueAfter } from "./blocks/interactive-elements.ts";
import { isRecord, type Json } from "./json-values.ts";
import type { ElementState } from "./workspace.ts";

/** Every element that holds a value, untouched ones with their initial value. */
export function initialState(blocks: unknown): ElementState {
  const state: ElementState = {};
  for (const { blockId, actionId, element } of elementsIn(blocks)) {
    const value = initialValueOf(element);
    if (value !== null) state[blockId] = { ...state[blockId], [actionId]: value };
  }
  return state;
}

/** After an update Slack keeps what was entered where block_id and action_id stayed the same. */
export function carriedState(blocks: unknown, before: ElementState): ElementState {
  const state = initialState(blocks);
  for (const [blockId, actions] of Object.entries(state)) {
    for (const [actionId, value] of Object.entries(actions)) {
      const kept = before[blockId]?.[actionId];
      if (kept !== undefined && kept["type"] === value["type"]) actions[actionId] = kept;
    }
  }
  return state;
}

export function withValue(state: ElementState, blockId: string, actionId: string, value: Json): ElementState {
  return { ...state, [blockId]: { ...state[blockId], [actionId]: value } };
}

/** Throws when the view has no such input or the value cannot be chosen: the caller made a mistake. */
export function withEntries(
  blocks: unknown,
  state: ElementState,
  entries: Record<string, unknown>,
): ElementState {
  const elements = elementsIn(blocks);
  let result = state;
  for (const [blockId, actions] of Object.entries(entries)) {
    for (const [actionId, given] of Object.entries(isRecord(actions) ? actions : {})) {
      const placed = elements.find((one) => one.blockId === blockId && one.actionId === actionId);
      const value = placed === undefined ? null : valueAfter(placed.element, given);
      if (value === null)
        throw new Error(`Nobody can enter ${JSON.stringify(given)} at ${blockId}/${actionId}`);
      result = withValue(result, blockId, actionId, value);
    }
  }
  return result;
}
