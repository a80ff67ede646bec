// What both maps show at the place of a store (a pin, a price, or the number of stores), and how a
// mark is moved.
import { useEffect, useRef, useState } from "react";
import { stepped } from "./degrees.js";

/** How far a press on several stores zooms in. */
export const DEEPER = 2;
export const DEEPEST = 18;
/** Where a store alone is looked at. */
export const STREETS = 15;

const STEP_PX = 8;
const FINE_PX = 1;
const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const HOW_TO_MOVE = "The arrow keys move it, Enter puts it down, Escape puts it back";

export const isCluster = (mark) => mark.stores > 1;

/** What a screen reader is told of a mark, put on the element that has the focus. */
export function describe(element, mark, chosen, draggable) {
  element.dataset.testid = "store-marker";
  element.dataset.key = mark.key;
  element.ariaLabel = mark.name;
  element.ariaPressed = isCluster(mark) ? null : String(chosen);
  element.ariaDescription = draggable ? HOW_TO_MOVE : null;
}

export function Face({ mark, chosen }) {
  const kind = isCluster(mark) ? "cluster" : mark.text ? "price" : "pin";
  const size = mark.stores >= 100 ? "large" : mark.stores >= 10 ? "middle" : "small";
  return (
    <span
      className={`map-face map-${kind}`}
      data-size={kind === "cluster" ? size : undefined}
      data-tone={mark.tone || undefined}
      data-chosen={chosen || undefined}
      aria-hidden="true"
    >
      {kind === "pin" ? (
        <svg viewBox="0 0 24 30" width="24" height="30">
          <path d="M12 29C12 29 22 18.6 22 11.4A10 10 0 1 0 2 11.4C2 18.6 12 29 12 29Z" />
          <circle cx="12" cy="11.4" r="3.6" />
        </svg>
      ) : (
        mark.text
      )}
    </span>
  );
}

/**
 * Where a mark stands, which people may have changed by dragging it or with the keys.
 *
 * It stays where it was put down until the page says another place.
 */
export function useMoved({ latitude, longitude }, { draggable, zoom, follow, onDrop }) {
  const [moved, setMoved] = useState(null);
  const before = useRef(null);
  useEffect(() => setMoved(null), [latitude, longitude]);
  const at = moved ?? { lat: latitude, lng: longitude };

  const putDown = () => {
    if (!before.current) return false;
    before.current = null;
    onDrop(at);
    return true;
  };
  const act = (event) => {
    const { key, shiftKey } = event;
    if (key === "Enter") return putDown();
    if (key === "Escape" && before.current) {
      setMoved(before.current);
      before.current = null;
      return true;
    }
    const step = STEPS[key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return false;
    before.current ??= at;
    const pixels = shiftKey ? FINE_PX : STEP_PX;
    const next = stepped(at, step[0] * pixels, step[1] * pixels, zoom());
    setMoved(next);
    follow(next);
    return true;
  };
  return {
    at,
    putDown,
    drop: (place) => {
      setMoved(place);
      onDrop(place);
    },
    onKey: (event) => {
      if (!draggable || !act(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
