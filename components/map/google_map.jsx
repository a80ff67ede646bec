// Google's map by its own React library, for what that has no props for: one view that is told
// when people have stopped moving, a camera that looks elsewhere when it is told to, marks that are
// moved by keys, and every way in which Google may refuse.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { APIProvider, AdvancedMarker, InfoWindow, Map, useMap } from "@vis.gl/react-google-maps";
import { eastOf } from "./degrees.js";
import { DEEPER, DEEPEST, Face, STREETS, describe, isCluster, useMoved } from "./mark.jsx";

const PADDING = 28;
const PATIENCE_MS = 10_000;

// Google reports a key that it does not accept by calling this name, wherever a map is.
function useAuthFailure(onFailure) {
  useEffect(() => {
    window.gm_authFailure = () => onFailure("refused");
    return () => {
      delete window.gm_authFailure;
    };
  }, [onFailure]);
}

// Of a spent quota it tells only the person, in place of the map.
function useErrorPanel(map, onFailure) {
  useEffect(() => {
    if (!map) return undefined;
    const look = () => map.getDiv().querySelector(".gm-err-container") && onFailure("refused");
    const watcher = new MutationObserver(look);
    watcher.observe(map.getDiv(), { childList: true, subtree: true });
    look();
    return () => watcher.disconnect();
  }, [map, onFailure]);
}

const Mark = memo(function Mark({ mark, chosen, details, draggable, latest }) {
  const map = useMap();
  const [marker, setMarker] = useState(null);
  const moving = useMoved(mark, {
    draggable,
    zoom: () => map.getZoom(),
    follow: (at) => map.getBounds().contains(at) || map.panTo(at),
    onDrop: (at) => latest.current.onDrop(mark.key, at),
  });
  const { lat, lng } = moving.at;
  // The library moves the mark whenever it is given another object.
  const position = useMemo(() => ({ lat, lng }), [lat, lng]);
  const { onKey, putDown } = moving;
  const keys = useRef(null);
  keys.current = { onKey, putDown };

  useEffect(() => {
    if (marker) describe(marker, mark, chosen, draggable);
  }, [marker, mark, chosen, draggable]);
  useEffect(() => {
    if (!marker) return undefined;
    // Before Google's own, for which arrow keys lead from mark to mark.
    const onDown = (event) => keys.current.onKey(event);
    const onBlur = () => keys.current.putDown();
    marker.addEventListener("keydown", onDown, { capture: true });
    marker.addEventListener("blur", onBlur);
    return () => {
      marker.removeEventListener("keydown", onDown, { capture: true });
      marker.removeEventListener("blur", onBlur);
    };
  }, [marker]);

  const press = () => {
    if (!isCluster(mark)) {
      latest.current.onChoose(mark.key);
      return;
    }
    map.moveCamera({ center: position, zoom: Math.min(map.getZoom() + DEEPER, DEEPEST) });
  };
  return (
    <>
      <AdvancedMarker
        ref={setMarker}
        position={position}
        title={mark.name}
        anchorLeft="-50%"
        anchorTop={mark.text ? "-50%" : "-100%"}
        zIndex={chosen ? 100_000 : mark.stores}
        draggable={draggable}
        onClick={press}
        onDragEnd={draggable ? ({ latLng }) => moving.drop(latLng.toJSON()) : undefined}
      >
        <Face mark={mark} chosen={chosen} />
      </AdvancedMarker>
      {details && marker && (
        <InfoWindow anchor={marker} maxWidth={300} onClose={() => latest.current.onClose()}>
          <div role="group" aria-label={mark.name}>
            {details}
          </div>
        </InfoWindow>
      )}
    </>
  );
});

// What a map has shown fills it again, at the zoom that it had: the degrees of an address are
// rounded, and by a hair more than the map holds it would be a whole zoom less.
const HAIR = 0.005;

function frameOf(camera) {
  const { south, west, north, east, is_whole } = camera;
  if (!is_whole) return { bounds: { south, west, north, east }, padding: PADDING };
  const up = (north - south) * HAIR;
  const side = (eastOf(camera) - west) * HAIR;
  const bounds = { south: south + up, west: west + side, north: north - up, east: east - side };
  return { bounds, padding: 0 };
}

// Inside the map, where it is known.
function Camera({ camera, controls, onFailure }) {
  const map = useMap();
  useErrorPanel(map, onFailure);
  useEffect(() => {
    if (!map) return undefined;
    // The library gives its own place the test id that is ours.
    map.getDiv().parentElement.removeAttribute("data-testid");
    controls.current = { zoomBy: (steps) => map.setZoom(map.getZoom() + steps) };
    return () => {
      controls.current = null;
    };
  }, [map, controls]);
  const looked = useRef(camera.serial);
  useEffect(() => {
    if (!map || looked.current === camera.serial) return;
    looked.current = camera.serial;
    const { bounds, padding } = frameOf(camera);
    // A single store is not looked at from nearer than its streets.
    map.setOptions({ maxZoom: camera.is_whole ? null : STREETS });
    map.fitBounds(bounds, padding);
    google.maps.event.addListenerOnce(map, "idle", () => map.setOptions({ maxZoom: null }));
  }, [map, camera]);
  return null;
}

export default function GoogleMap(props) {
  const { label, marks, camera, chosenMark, draggable, theme, large, google: asked } = props;
  const { controls, onFailure } = props;
  const latest = useRef(props);
  latest.current = props;
  const [seen, setSeen] = useState(false);
  // Google's map keeps the colours it was made with: another theme is another map, looking there.
  const shown = useRef(null);
  useAuthFailure(onFailure);
  const fail = useCallback(() => onFailure("blocked"), [onFailure]);
  useEffect(() => {
    if (seen) return undefined;
    const timer = setTimeout(fail, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [seen, fail]);

  const onIdle = ({ map }) => {
    const bounds = map.getBounds()?.toJSON();
    if (!bounds) return;
    setSeen(true);
    shown.current = { defaultCenter: map.getCenter().toJSON(), defaultZoom: map.getZoom() };
    latest.current.onView({ ...bounds, east: eastOf(bounds), zoom: map.getZoom() });
  };
  const { bounds, padding } = frameOf(camera);
  const start = shown.current ?? { defaultBounds: { ...bounds, padding } };
  return (
    <APIProvider
      apiKey={asked.key}
      language={asked.language || undefined}
      region={asked.region || undefined}
      onError={fail}
    >
      <Map
        key={theme}
        {...start}
        className="map-place"
        aria-label={label}
        mapId={asked.mapId}
        colorScheme={theme === "dark" ? "DARK" : "LIGHT"}
        gestureHandling={large ? "greedy" : "cooperative"}
        disableDefaultUI
        clickableIcons={false}
        minZoom={1}
        onIdle={onIdle}
        onClick={({ detail }) => detail.latLng && latest.current.onPoint?.(detail.latLng)}
      >
        <Camera camera={camera} controls={controls} onFailure={onFailure} />
        {marks.map((mark) => (
          <Mark
            key={mark.key}
            mark={mark}
            chosen={mark === chosenMark}
            details={mark === chosenMark ? props.details : null}
            draggable={Boolean(draggable) && !isCluster(mark)}
            latest={latest}
          />
        ))}
      </Map>
    </APIProvider>
  );
}
