// Our own map: Leaflet over Natural Earth, nothing from outside. Leaflet itself rather than
// react-leaflet, whose licence many companies may not use.
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { MOST_NORTH, eastOf, nearest } from "./degrees.js";
import { Ground } from "./ground.js";
import { Names } from "./names.js";
import { DEEPER, DEEPEST, Face, STEPS, STEP_PX, STREETS, isCluster } from "./mark.jsx";

const HINT = {
  wheel: `Press ${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} to zoom the map`,
  touch: "Move the map with two fingers",
};
const PADDING = [28, 28];

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const boundsOf = (camera) =>
  L.latLngBounds(
    [Math.max(camera.south, -MOST_NORTH), camera.west],
    [Math.min(camera.north, MOST_NORTH), eastOf(camera)],
  );

// A wheel zooms with Ctrl, or where the map is large or has the focus; else the page scrolls.
function mindTheWheel(map, isLarge, onHint) {
  const container = map.getContainer();
  const onWheel = (event) => {
    const may = isLarge() || event.ctrlKey || event.metaKey || document.activeElement === container;
    if (may) return;
    event.stopImmediatePropagation();
    onHint(HINT.wheel);
  };
  // Before Leaflet's own, which is bound to the container when the map is made.
  container.parentElement.addEventListener("wheel", onWheel, { capture: true, passive: true });
  return () => container.parentElement.removeEventListener("wheel", onWheel, { capture: true });
}

// One finger scrolls the page past a small map, two move the map. Where dragging is disabled,
// Leaflet leaves one finger to the browser by itself.
function mindTheFingers(map, isLarge, onHint) {
  const container = map.getContainer();
  const mind = (isTouch) => map.dragging[isTouch && !isLarge() ? "disable" : "enable"]();
  const onDown = (event) => mind(event.pointerType === "touch");
  // The browser took the finger to scroll the page.
  const onScroll = () => !map.dragging.enabled() && onHint(HINT.touch);
  container.addEventListener("pointerdown", onDown, { capture: true });
  container.addEventListener("pointercancel", onScroll);
  mind(matchMedia("(pointer: coarse)").matches);
}

// A mark is a real button, in the place where Leaflet puts an image.
const ButtonIcon = L.Icon.extend({
  createIcon: () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-mark";
    button.dataset.testid = "store-marker";
    return button;
  },
  createShadow: () => null,
});

const Mark = memo(function Mark({ map, mark, chosen, draggable, centre, act }) {
  const [button, setButton] = useState(null);
  const marker = useRef(null);
  const latest = useRef(null);
  latest.current = { mark, draggable, act };
  const { latitude, longitude, name, stores } = mark;

  useEffect(() => {
    const made = L.marker([latitude, longitude], {
      icon: new ButtonIcon(),
      keyboard: false,
      riseOnHover: true,
    });
    marker.current = made.addTo(map);
    const element = made.getElement();
    const call = (what, event) => latest.current.act[what](latest.current.mark, made, event);
    made.on("click", ({ originalEvent }) => call("press", originalEvent));
    made.on("dragend", () => call("drop"));
    const onKey = (event) => latest.current.draggable && call("step", event);
    const onBlur = () => call("putDown");
    element.addEventListener("keydown", onKey);
    element.addEventListener("blur", onBlur);
    setButton(element);
    return () => {
      const focused = document.activeElement === element;
      element.removeEventListener("blur", onBlur);
      made.remove();
      // What had the focus is gone, and the next Tab goes on from the map.
      if (focused) map.getContainer().focus({ preventScroll: true });
    };
  }, [map]);
  useEffect(() => {
    marker.current.setLatLng([latitude, nearest(longitude, centre)]);
  }, [latitude, longitude, centre]);
  useEffect(() => {
    marker.current.setZIndexOffset(chosen ? 100_000 : stores);
  }, [chosen, stores]);
  useEffect(() => {
    if (!button) return;
    button.dataset.key = mark.key;
    button.ariaLabel = name;
    button.ariaPressed = stores > 1 ? null : String(chosen);
    button.ariaDescription = draggable
      ? "The arrow keys move it, Enter puts it down, Escape puts it back"
      : null;
    marker.current.dragging[draggable ? "enable" : "disable"]();
  }, [button, name, stores, chosen, draggable]);
  return button && createPortal(<Face mark={mark} chosen={chosen} />, button);
});

function Details({ map, mark, centre, children, onClose }) {
  const [content] = useState(() => document.createElement("div"));
  const popup = useRef(null);
  useEffect(() => {
    popup.current = L.popup({
      closeButton: false,
      closeOnClick: false,
      closeOnEscapeKey: false,
      autoClose: false,
      className: "map-details",
      offset: [0, mark.text ? -12 : -24],
      minWidth: 200,
      maxWidth: 300,
      autoPanPadding: PADDING,
    }).setContent(content);
    // What is drawn into it later changes its height.
    const watcher = new ResizeObserver(() => popup.current.isOpen() && popup.current.update());
    watcher.observe(content);
    return () => {
      watcher.disconnect();
      popup.current.remove();
    };
  }, []);
  const { latitude, longitude } = mark;
  useEffect(() => {
    popup.current.setLatLng([latitude, nearest(longitude, centre)]);
    if (!popup.current.isOpen()) popup.current.openOn(map);
  }, [map, latitude, longitude, centre]);
  return createPortal(
    <div role="group" aria-label={mark.name} tabIndex={-1} className="map-details-inside">
      {children}
      <button type="button" className="map-close" aria-label="Close" onClick={onClose}>
        ×
      </button>
    </div>,
    content,
  );
}

export default function OwnMap(props) {
  const { label, marks, camera, chosenMark, draggable, ground, controls } = props;
  const place = useRef(null);
  const latest = useRef(props);
  latest.current = props;
  const layers = useRef(null);
  const [map, setMap] = useState(null);
  const [centre, setCentre] = useState(0);
  // Where a mark that is moved by keys came from.
  const lifted = useRef(null);

  useLayoutEffect(() => {
    const made = L.map(place.current, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 1,
      maxZoom: DEEPEST,
        worldCopyJump: true,
      maxBounds: [
        [-MOST_NORTH, -Infinity],
        [MOST_NORTH, Infinity],
      ],
      maxBoundsViscosity: 1,
      zoomAnimation: !still(),
      fadeAnimation: !still(),
      inertia: !still(),
      closePopupOnClick: false,
      bounceAtZoomLimits: false,
    });
    made.fitBounds(boundsOf(latest.current.start ?? latest.current.camera), {
      animate: false,
      padding: latest.current.start ? [0, 0] : PADDING,
      maxZoom: latest.current.start?.zoom ?? STREETS,
    });
    layers.current = [new Ground(latest.current.ground), new Names(latest.current.ground)];
    for (const layer of layers.current) layer.addTo(made);

    const tell = () => {
      const shown = made.getBounds();
      setCentre(Math.round(made.getCenter().lng));
      latest.current.onView({
        south: shown.getSouth(),
        west: shown.getWest(),
        north: shown.getNorth(),
        east: shown.getEast(),
        zoom: made.getZoom(),
      });
    };
    made.on("moveend", tell);
    made.on("click", ({ latlng, originalEvent }) => {
      if (originalEvent.target.closest(".map-mark, .leaflet-popup")) return;
      latest.current.onPoint?.(latlng);
    });
    tell();
    const unmindWheel = mindTheWheel(made, () => latest.current.large, (said) =>
      latest.current.onHint(said),
    );
    mindTheFingers(made, () => latest.current.large, (said) => latest.current.onHint(said));
    const watcher = new ResizeObserver(() => made.invalidateSize({ pan: false }));
    watcher.observe(place.current);
    controls.current = {
      zoomBy: (steps) => made.setZoom(Math.round(made.getZoom()) + steps),
      refocus: (key) =>
        [...made.getPane("markerPane").children].find((mark) => mark.dataset.key === key)?.focus(),
    };
    setMap(made);
    return () => {
      controls.current = null;
      watcher.disconnect();
      unmindWheel();
      made.remove();
    };
  }, []);

  useEffect(() => {
    for (const layer of layers.current) layer.paint(ground);
  }, [ground]);

  const first = useRef(camera.serial);
  useEffect(() => {
    if (first.current === camera.serial) return;
    first.current = camera.serial;
    map?.flyToBounds(boundsOf(camera), {
      animate: !still(),
      duration: 0.6,
      padding: PADDING,
      maxZoom: STREETS,
    });
  }, [map, camera.serial]);

  const [act] = useState(() => ({
    press: (mark, marker, event) => {
      if (lifted.current) {
        act.putDown(mark, marker);
        return;
      }
      if (!isCluster(mark)) {
        latest.current.onChoose(mark.key);
        return;
      }
      const over = marker._map;
      const zoom = Math.min(Math.floor(over.getZoom()) + DEEPER, DEEPEST);
      over.setView(marker.getLatLng(), zoom, { animate: !still() });
    },
    drop: (mark, marker) => latest.current.onDrop(mark.key, marker.getLatLng()),
    step: (mark, marker, event) => {
      const by = STEPS[event.key];
      if (event.key === "Escape" && lifted.current) {
        event.preventDefault();
        event.stopPropagation();
        marker.setLatLng(lifted.current);
        lifted.current = null;
      }
      if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      lifted.current ??= marker.getLatLng();
      const over = marker._map;
      const step = event.shiftKey ? 1 : STEP_PX;
      const at = over.latLngToContainerPoint(marker.getLatLng()).add([by[0] * step, by[1] * step]);
      marker.setLatLng(over.containerPointToLatLng(at));
      if (!over.getBounds().pad(-0.1).contains(marker.getLatLng())) {
        over.panTo(marker.getLatLng(), { animate: false });
      }
    },
    putDown: (mark, marker) => {
      if (!lifted.current) return;
      lifted.current = null;
      act.drop(mark, marker);
    },
  }));

  return (
    <>
      <div
        ref={place}
        className="map-place"
        tabIndex={0}
        role="region"
        aria-label={`${label}: arrow keys move it, plus and minus zoom`}
      />
      {map &&
        marks.map((mark) => (
          <Mark
            key={mark.key}
            map={map}
            mark={mark}
            chosen={mark.key === chosenMark?.key}
            draggable={Boolean(draggable) && !isCluster(mark)}
            centre={centre}
            act={act}
          />
        ))}
      {map && chosenMark && props.details && (
        <Details
          key={chosenMark.key}
          map={map}
          mark={chosenMark}
          centre={centre}
          onClose={props.onClose}
        >
          {props.details}
        </Details>
      )}
      <p className="map-credit">Natural Earth · GeoNames</p>
    </>
  );
}
