// Our own map: Leaflet over Natural Earth, nothing from outside. Leaflet itself rather than
// react-leaflet, whose licence many companies may not use.
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { MOST_NORTH, eastOf, nearest } from "./degrees.js";
import { Ground } from "./ground.js";
import { Names } from "./names.js";
import { DEEPER, DEEPEST, Face, STREETS, describe, isCluster, useMoved } from "./mark.jsx";

const HINTS = {
  wheel: `Press ${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} to zoom the map`,
  touch: "Move the map with two fingers",
};
const PADDING = [28, 28];
// What a map has shown fills it again, at the zoom that it had.
const roomFor = ({ is_whole }) =>
  is_whole ? { padding: [0, 0], maxZoom: DEEPEST } : { padding: PADDING, maxZoom: STREETS };
const CHOSEN_ABOVE = 100_000;

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

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
    onHint(HINTS.wheel);
  };
  // Above Leaflet's own, which is on the container since the map was made.
  const above = container.parentElement;
  above.addEventListener("wheel", onWheel, { capture: true, passive: true });
  return () => above.removeEventListener("wheel", onWheel, { capture: true });
}

// One finger scrolls the page past a small map, two move the map. Where dragging is disabled,
// Leaflet leaves one finger to the browser by itself.
function mindFingers(map, isTouch, isLarge) {
  map.dragging[isTouch && !isLarge ? "disable" : "enable"]();
}

// A mark is a real button, in the place where Leaflet puts an image.
const ButtonIcon = L.Icon.extend({
  createIcon: () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-mark";
    return button;
  },
  createShadow: () => null,
});

function zoomTo(map, place) {
  const zoom = Math.min(Math.floor(map.getZoom()) + DEEPER, DEEPEST);
  map.setView(place, zoom, { animate: !isStill() });
}

const Mark = memo(function Mark({ map, mark, chosen, draggable, centre, latest, keyed }) {
  const [button, setButton] = useState(null);
  const marker = useRef(null);
  const moving = useMoved(mark, {
    draggable,
    zoom: () => map.getZoom(),
    follow: (at) => map.panInside([at.lat, at.lng], { padding: PADDING, animate: false }),
    onDrop: (at) => latest.current.onDrop(mark.key, at),
  });
  const act = useRef(null);
  act.current = {
    ...moving,
    press: ({ detail }) => {
      // A press of a key has no clicks to count.
      keyed.current = detail === 0;
      if (isCluster(mark)) zoomTo(map, marker.current.getLatLng());
      else latest.current.onChoose(mark.key);
    },
  };
  const { lat, lng } = moving.at;

  useEffect(() => {
    const made = L.marker([lat, lng], {
      icon: new ButtonIcon(),
      keyboard: false,
      riseOnHover: true,
    });
    marker.current = made.addTo(map);
    const element = made.getElement();
    made.on("click", ({ originalEvent }) => act.current.press(originalEvent));
    made.on("dragend", () => act.current.drop(made.getLatLng()));
    const onKey = (event) => act.current.onKey(event);
    const onBlur = () => act.current.putDown();
    element.addEventListener("keydown", onKey);
    element.addEventListener("blur", onBlur);
    setButton(element);
    return () => {
      const hadFocus = document.activeElement === element;
      element.removeEventListener("blur", onBlur);
      made.remove();
      // What had the focus is gone; the next Tab goes on from the map.
      if (hadFocus) map.getContainer().focus({ preventScroll: true });
    };
  }, [map]);
  useEffect(() => {
    marker.current.setLatLng([lat, nearest(lng, centre)]);
  }, [lat, lng, centre]);
  useEffect(() => {
    if (!button) return;
    describe(button, mark, chosen, draggable);
    marker.current.setZIndexOffset(chosen ? CHOSEN_ABOVE : mark.stores);
    marker.current.dragging[draggable ? "enable" : "disable"]();
  }, [button, mark, chosen, draggable]);
  return button && createPortal(<Face mark={mark} chosen={chosen} />, button);
});

function Details({ map, mark, centre, children, keyed, onClose }) {
  const [content] = useState(() => document.createElement("div"));
  const popup = useRef(null);
  useEffect(() => {
    const made = L.popup({
      closeButton: false,
      closeOnClick: false,
      closeOnEscapeKey: false,
      autoClose: false,
      className: "map-details",
      offset: [0, mark.text ? -8 : -22],
      minWidth: 200,
      maxWidth: 300,
      autoPanPadding: PADDING,
    }).setContent(content);
    popup.current = made;
    // What is drawn into it later changes its height. `update` would do this too, but takes the
    // content out for a moment, and the focus with it.
    const watcher = new ResizeObserver(() => {
      if (!made.isOpen()) return;
      made._updateLayout();
      made._updatePosition();
    });
    watcher.observe(content);
    return () => {
      watcher.disconnect();
      made.remove();
    };
  }, []);
  const { latitude, longitude } = mark;
  useEffect(() => {
    popup.current.setLatLng([latitude, nearest(longitude, centre)]);
    if (popup.current.isOpen()) return;
    popup.current.openOn(map);
    // Who came here by keys goes on in the details, and Escape leads back to the mark.
    if (keyed.current) content.firstElementChild.focus({ preventScroll: true });
    keyed.current = false;
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

function makeMap(place, latest) {
  const { start, camera, ground } = latest.current;
  const map = L.map(place, {
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
    zoomAnimation: !isStill(),
    fadeAnimation: !isStill(),
    inertia: !isStill(),
    bounceAtZoomLimits: false,
  });
  // The arrow keys and a popup at the edge ask it to, and have no option.
  if (isStill()) {
    map.panBy = (by, options) =>
      L.Map.prototype.panBy.call(map, by, { ...options, animate: false });
  }
  if (start) map.setView(boundsOf(start).getCenter(), Math.round(start.zoom), { animate: false });
  else map.fitBounds(boundsOf(camera), { animate: false, ...roomFor(camera) });
  const layers = [new Ground(ground), new Names(ground)];
  for (const layer of layers) layer.addTo(map);
  return [map, layers];
}

export default function OwnMap(props) {
  const { label, marks, camera, chosenMark, draggable, ground, large, controls, details } = props;
  const place = useRef(null);
  const layers = useRef(null);
  const latest = useRef(props);
  latest.current = props;
  const [map, setMap] = useState(null);
  // The marks stand in the turn of the world that is on screen.
  const [centre, setCentre] = useState(0);
  const keyed = useRef(false);

  useLayoutEffect(() => {
    const [made, drawn] = makeMap(place.current, latest);
    layers.current = drawn;
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
    const isLarge = () => latest.current.large;
    const onHint = (said) => latest.current.onHint(said);
    const unmind = mindTheWheel(made, isLarge, onHint);
    place.current.addEventListener(
      "pointerdown",
      (event) => mindFingers(made, event.pointerType === "touch", isLarge()),
      { capture: true },
    );
    // The browser took the finger to scroll the page.
    place.current.addEventListener(
      "pointercancel",
      () => made.dragging.enabled() || onHint(HINTS.touch),
    );
    const watcher = new ResizeObserver(
      () => place.current?.clientHeight && made.invalidateSize({ pan: false }),
    );
    watcher.observe(place.current);
    controls.current = {
      zoomBy: (steps) => made.setZoom(Math.round(made.getZoom()) + steps),
    };
    setMap(made);
    return () => {
      controls.current = null;
      watcher.disconnect();
      unmind();
      made.remove();
    };
  }, []);

  useEffect(() => {
    for (const layer of layers.current) layer.paint(ground);
  }, [ground]);
  useEffect(() => {
    layers.current[1].avoid(marks);
  }, [marks]);
  useEffect(() => {
    if (map) mindFingers(map, matchMedia("(pointer: coarse)").matches, large);
  }, [map, large]);

  const looked = useRef(camera.serial);
  useEffect(() => {
    if (!map || looked.current === camera.serial) return;
    looked.current = camera.serial;
    map.invalidateSize({ pan: false });
    map.flyToBounds(boundsOf(camera), {
      animate: !isStill(),
      duration: 0.6,
      ...roomFor(camera),
    });
  }, [map, camera]);

  return (
    <>
      <div
        ref={place}
        className="map-place"
        role="region"
        aria-label={`${label}: arrow keys move it, plus and minus zoom`}
      />
      {map &&
        marks.map((mark) => (
          <Mark
            key={mark.key}
            map={map}
            mark={mark}
            chosen={mark === chosenMark}
            draggable={Boolean(draggable) && !isCluster(mark)}
            centre={centre}
            latest={latest}
            keyed={keyed}
          />
        ))}
      {map && chosenMark && details && (
        <Details
          key={chosenMark.key}
          map={map}
          mark={chosenMark}
          centre={centre}
          keyed={keyed}
          onClose={props.onClose}
        >
          {details}
        </Details>
      )}
      <p className="map-credit">Our own map · Natural Earth · GeoNames</p>
    </>
  );
}
