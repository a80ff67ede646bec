// Which map a page shows, and what both maps share: the choice between Google's and our own at run
// time, zoom buttons, the notice, the theme, and one event when people have stopped moving.
// A module of its own because no library offers these as props; what it is given is typed in
// `components/map/parts.py`. It is loaded by pages with a map only, and each map only where it is
// the one that is shown.
import {
  Component,
  Suspense,
  lazy,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { pointOf, viewOf } from "./degrees.js";
import "./map.css";

const OwnMap = lazy(() => import("./own_map.jsx"));
const GoogleMap = lazy(() => import("./google_map.jsx"));

const SETTLED_MS = 250;
// A map that takes most of the window is what people came for: a wheel and one finger move it. A
// smaller one lets the page scroll past, and asks for Ctrl or two fingers.
const MOST = 0.6;

// Once Google has refused or could not be reached, later maps of this visit do not ask again.
let refused = "";

function useTheme() {
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

const NOTICES = {
  blocked: "Google Maps could not be reached, so this is our own map.",
  refused: "Google Maps does not accept this site's key, so this is our own map.",
};

// What goes wrong in Google's map, its loading included, is no reason for a page without a map.
class Attempt extends Component {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  componentDidCatch() {
    this.props.onFailure("blocked");
  }

  render() {
    return this.state.failed ? null : this.props.children;
  }
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
  const [failure, setFailure] = useState(refused);
  const [{ seen, large }, setSize] = useState({ seen: false, large: false });
  const [hint, setHint] = useState("");

  useEffect(() => {
    // It may be measured once more while the page is left, when nothing refers to it any more.
    const element = frame.current;
    const measure = () => {
      const height = element.clientHeight;
      setSize({ seen: height > 0, large: height >= window.innerHeight * MOST });
    };
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
      // Behind another pane there is nothing to be seen.
      if (!frame.current?.clientHeight) return;
      shown.current = viewOf(bounds);
      settle(shown.current);
    },
    [settle],
  );
  const onFailure = useCallback((reason) => {
    refused = reason;
    setFailure(reason);
  }, []);
  const close = () => {
    // The focus would be lost with the details that it may be in.
    const all = [...frame.current.querySelectorAll("[data-key]")];
    all.find((mark) => mark.dataset.key === chosen)?.focus({ preventScroll: true });
    onChoose?.("");
  };
  // A map cannot look anywhere before it has a size: it does once it is seen (again).
  const looked = useRef(null);
  if (seen || !looked.current) looked.current = camera;
  const drawn = useRef(false);
  drawn.current ||= seen;
  const provider = !google.loaded ? "" : google.key && !failure ? "google" : "fallback";
  const notice = google.key ? NOTICES[failure] : "";
  const chosenMark = useMemo(() => marks.find((mark) => mark.key === chosen), [marks, chosen]);

  const map = {
    label,
    marks,
    camera: looked.current,
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
        close();
      }}
    >
      {drawn.current && (
        // By its own key: the map that gave up is gone before the other one has been loaded.
        <Suspense key={provider} fallback={null}>
          {provider === "google" && (
            <Attempt onFailure={onFailure}>
              <GoogleMap {...map} google={google} onFailure={onFailure} />
            </Attempt>
          )}
          {provider === "fallback" && <OwnMap {...map} ground={grounds[theme]} />}
        </Suspense>
      )}
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
      <div role="status">
        {notice && (
          <p className="map-notice" data-testid="map-notice">
            {notice}
          </p>
        )}
      </div>
      <span className="map-provider" data-testid="map-provider" aria-hidden="true">
        {provider}
      </span>
    </div>
  );
}
