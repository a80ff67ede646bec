// What both maps show at the place of a store: a pin, a price, or the number of stores.

/** How far a press on several stores zooms in. */
export const DEEPER = 2;
export const DEEPEST = 18;
/** Where a store alone is looked at. */
export const STREETS = 15;

export const isCluster = (mark) => mark.stores > 1;

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

/** The arrow keys by which a mark is moved, as steps right and down. */
export const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
export const STEP_PX = 8;
