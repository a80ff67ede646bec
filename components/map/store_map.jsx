// Which map a page shows, and what both maps share: the choice between Google's and our own at run
// time, zoom buttons, the notice, the theme, and one event when people have stopped moving.
// A module of its own because no library offers these as props; what it is given is typed in
// `components/map/parts.py`. It is loaded by pages with a map only, and each map only where it is
// the one that is shown.
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { pointOf, viewOf } from "./degrees.js";
import "./map.css";

const OwnMap = lazy(() => import("./own_map.jsx"));

const SETTLED_MS = 250;
// A map that takes most of the window is what people came for: a wheel and one finger move it. A
// smaller one lets the page scroll past, and asks for Ctrl or two fingers.
const MOST = 0.6;

export function useTheme() {
  const read = () => (document.documentElement.classList.contains("dark") ? "dark" : "light");
  const [theme, setTheme] = useState(read);
  useEffect(() => {
    const watcher = new MutationObserver(() => setTheme(read()));
    watcher.observe(document.documentElement, { attributeFilter: ["class"] });
    return () => watcher.disconnect();
  }, []);
  return theme;
}

// One call after the last change of view, and none where it is the view that was told before.
function useSettled(tell) {
  const latest = useRef(tell);
  latest.current = tell;
  const pending = useRef({});
  useEffect(() => () => clearTimeout(pending.current.timer), []);
  return useCallback((view) => {
    clearTimeout(pending.current.timer);
    pending.current.timer = setTimeout(() => {
      const said = JSON.stringify(view);
      if (said === pending.current.said) return;
      pending.current.said = said;
      latest.current?.(view.south, view.west, view.north, view.east, view.zoom);
    }, SETTLED_MS);
  }, []);
}

export function StoreMap({
  label,
  marks,
  camera,
  chosen,
  draggable,
  google,
  grounds,
  onSettle,
  onChoose,
  onPoint,
  onDrop,
  children,
}) {
  const frame = useRef(null);
  const controls = useRef(null);
  const shown = useRef(null);
  const theme = useTheme();
  const settle = useSettled(onSettle);
  const [large, setLarge] = useState(false);
  const [hint, setHint] = useState("");

  useEffect(() => {
    // It may be measured once more while the page is left, when nothing refers to it any more.
    const element = frame.current;
    const measure = () => setLarge(element.clientHeight >= window.innerHeight * MOST);
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (!hint) return undefined;
    const timer = setTimeout(() => setHint(""), 1500);
    return () => clearTimeout(timer);
  }, [hint]);

  const onView = useCallback(
    (bounds) => {
      shown.current = viewOf(bounds);
      settle(shown.current);
    },
    [settle],
  );
  const close = () => onChoose?.("");
  const provider = google.loaded ? "fallback" : "";
  const chosenMark = useMemo(() => marks.find((mark) => mark.key === chosen), [marks, chosen]);

  const map = {
    label,
    marks,
    camera,
    chosenMark,
    draggable,
    theme,
    large,
    controls,
    // Where the other map was when it gave up.
    start: shown.current,
    details: children,
    onView,
    onHint: setHint,
    onClose: close,
    onChoose: (key) => onChoose?.(key),
    onPoint: onPoint && ((at) => onPoint(...pointOf(at))),
    onDrop: (key, at) => onDrop?.(key, ...pointOf(at)),
  };

  return (
    <div
      ref={frame}
      className="map"
      data-testid="map"
      data-large={large || undefined}
      role="group"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !chosen || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        controls.current?.refocus(chosen);
        close();
      }}
    >
      <Suspense fallback={null}>
        {provider === "fallback" && <OwnMap {...map} ground={grounds[theme]} />}
      </Suspense>
      <div className="map-zoom">
        <button type="button" aria-label="Zoom in" onClick={() => controls.current?.zoomBy(1)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => controls.current?.zoomBy(-1)}>
          −
        </button>
      </div>
      {hint && (
        <p className="map-hint" aria-hidden="true">
          {hint}
        </p>
      )}
      <span className="map-provider" data-testid="map-provider" aria-hidden="true">
        {provider}
      </span>
    </div>
  );
}
