// Google Maps as our page uses it, and as strict as Google is: what it refuses is refused, what it
// only warns of is an error here. It draws nothing but the marks. `ANSWER` stands for how it takes
// the key: "accepts", "refuses" or "is spent".
(() => {
  const ANSWER = "__ANSWER__";
  const TILE = 256;
  const TILES_MS = 50;
  const { maps } = window.google;
  // What tests look at.
  const noted = (window.googleMapsTwin = { maps: [], markers: new Set() });

  class InvalidValueError extends Error {
    constructor(message) {
      super(message);
      this.name = "InvalidValueError";
    }
  }
  const number = (value, name) => {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new InvalidValueError(`in property ${name}: not a number`);
    }
    return value;
  };
  const wrap = (lng) => (lng === 180 ? 180 : ((((lng + 180) % 360) + 360) % 360) - 180);

  class LatLng {
    constructor(lat, lng) {
      if (lat !== null && typeof lat === "object") return latLng(lat);
      this._lat = Math.max(-90, Math.min(90, number(lat, "lat")));
      this._lng = wrap(number(lng, "lng"));
    }
    lat() {
      return this._lat;
    }
    lng() {
      return this._lng;
    }
    toJSON() {
      return { lat: this._lat, lng: this._lng };
    }
  }
  const latLng = (value) => {
    if (value instanceof LatLng) return value;
    if (value === null || typeof value !== "object" || !("lat" in value && "lng" in value)) {
      throw new InvalidValueError("not a LatLng or LatLngLiteral");
    }
    return new LatLng(value.lat, value.lng);
  };

  class LatLngBounds {
    constructor({ south, west, north, east }) {
      for (const [name, value] of Object.entries({ south, west, north, east })) number(value, name);
      Object.assign(this, { south, west: wrap(west), north, east: wrap(east) });
      if (east - west >= 360) Object.assign(this, { west: -180, east: 180 });
    }
    contains(value) {
      const { lat, lng } = latLng(value).toJSON();
      const across = this.west > this.east;
      const between = across
        ? lng >= this.west || lng <= this.east
        : lng >= this.west && lng <= this.east;
      return lat >= this.south && lat <= this.north && between;
    }
    toJSON() {
      const { south, west, north, east } = this;
      return { south, west, north, east };
    }
  }

  // Events, as `google.maps.event` and MVCObject have them.
  const listen = (target, name, handler) => {
    target.listeners ??= new Map();
    const among = target.listeners.get(name) ?? new Set();
    target.listeners.set(name, among.add(handler));
    return { remove: () => among.delete(handler) };
  };
  const trigger = (target, name, event) => {
    for (const handler of [...(target.listeners?.get(name) ?? [])]) handler.call(target, event);
  };
  const event = {
    addListener: listen,
    addListenerOnce: (target, name, handler) => {
      const listener = listen(target, name, (said) => {
        listener.remove();
        handler(said);
      });
      return listener;
    },
    clearInstanceListeners: (target) => target.listeners?.clear(),
    trigger,
  };

  const toWorld = ({ lat, lng }) => {
    const sine = Math.sin((Math.max(-85.05, Math.min(85.05, lat)) * Math.PI) / 180);
    return [
      (TILE * (lng + 180)) / 360,
      TILE * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)),
    ];
  };
  const fromWorld = ([x, y]) => ({
    lat: (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / TILE))) * 180) / Math.PI,
    lng: (x * 360) / TILE - 180,
  });

  const GESTURES = new Set(["cooperative", "greedy", "none", "auto"]);

  class TwinMap {
    constructor(div, options) {
      if (!(div instanceof HTMLElement)) throw new InvalidValueError("Map: not an element");
      if (
        options.colorScheme &&
        !["LIGHT", "DARK", "FOLLOW_SYSTEM"].includes(options.colorScheme)
      ) {
        throw new InvalidValueError("in property colorScheme");
      }
      this.div = div;
      this.options = {};
      this.marks = new Set();
      this.camera = { center: { lat: 0, lng: 0 }, zoom: 0 };
      div.style.overflow = "hidden";
      div.style.position = "relative";
      div.tabIndex = 0;
      div.addEventListener("click", (click) => {
        if (click.target === div && !this.panned) trigger(this, "click", this.mouseEvent(click));
      });
      div.addEventListener("pointerdown", (down) => down.target === div && this.pan(down));
      noted.maps.push({ ...options });
      this.setOptions(options);
      if (ANSWER === "refuses") setTimeout(() => window.gm_authFailure?.());
      if (ANSWER === "is spent") {
        setTimeout(() => {
          const panel = document.createElement("div");
          panel.className = "gm-err-container";
          div.append(panel);
        });
      }
    }
    addListener(name, handler) {
      return listen(this, name, handler);
    }
    setOptions(options) {
      if (options.gestureHandling !== undefined && !GESTURES.has(options.gestureHandling)) {
        throw new InvalidValueError("in property gestureHandling");
      }
      const { center, zoom, ...others } = options;
      Object.assign(this.options, others);
      if (center || zoom !== undefined) this.moveCamera({ center, zoom });
    }
    moveCamera({ center, zoom }) {
      if (center) this.camera.center = latLng(center).toJSON();
      if (zoom !== undefined) this.camera.zoom = number(zoom, "zoom");
      const { minZoom, maxZoom } = this.options;
      this.camera.zoom = Math.max(minZoom ?? 0, Math.min(maxZoom ?? 22, this.camera.zoom));
      // As Google does: what has changed is told soon, and that it has come to rest after that,
      // with its tiles.
      cancelAnimationFrame(this.frame);
      clearTimeout(this.rest);
      this.frame = requestAnimationFrame(() => {
        for (const mark of this.marks) mark.place();
        trigger(this, "bounds_changed");
        this.rest = setTimeout(() => trigger(this, "idle"), TILES_MS);
      });
    }
    setZoom(zoom) {
      this.moveCamera({ zoom: number(zoom, "zoom") });
    }
    panTo(center) {
      this.moveCamera({ center });
    }
    fitBounds(bounds, padding = 0) {
      number(padding, "padding");
      const { south, west, north, east } =
        bounds instanceof LatLngBounds ? bounds : new LatLngBounds(bounds);
      const far = east < west ? east + 360 : east;
      const [left, top] = toWorld({ lat: north, lng: west });
      const [right, bottom] = toWorld({ lat: south, lng: far });
      const room = (size) => Math.max(1, size - 2 * padding);
      const zoom = Math.min(
        Math.log2(room(this.div.clientWidth) / Math.max(right - left, 1e-9)),
        Math.log2(room(this.div.clientHeight) / Math.max(bottom - top, 1e-9)),
      );
      this.moveCamera({
        center: fromWorld([(left + right) / 2, (top + bottom) / 2]),
        zoom: Math.floor(Math.min(zoom, 22)),
      });
    }
    getDiv() {
      return this.div;
    }
    getZoom() {
      return this.camera.zoom;
    }
    getHeading() {
      return 0;
    }
    getTilt() {
      return 0;
    }
    getCenter() {
      return new LatLng(this.camera.center);
    }
    corners() {
      const scale = 2 ** this.camera.zoom;
      const [x, y] = toWorld(this.camera.center);
      const [width, height] = [this.div.clientWidth / scale / 2, this.div.clientHeight / scale / 2];
      return [x - width, y - height, x + width, y + height];
    }
    getBounds() {
      const [left, top, right, bottom] = this.corners();
      const northWest = fromWorld([left, top]);
      const southEast = fromWorld([right, bottom]);
      return new LatLngBounds({
        south: southEast.lat,
        west: northWest.lng,
        north: northWest.lat,
        east: southEast.lng,
      });
    }
    // Where a place is within the element, in its nearest turn, and the other way round.
    pixel(place) {
      const scale = 2 ** this.camera.zoom;
      const [left, top] = this.corners();
      const [x, y] = toWorld(place);
      const middle = toWorld(this.camera.center)[0];
      return [(x + TILE * Math.round((middle - x) / TILE) - left) * scale, (y - top) * scale];
    }
    at(x, y) {
      const scale = 2 ** this.camera.zoom;
      const [left, top] = this.corners();
      return new LatLng(fromWorld([left + x / scale, top + y / scale]));
    }
    mouseEvent(domEvent) {
      const box = this.div.getBoundingClientRect();
      return {
        domEvent,
        latLng: this.at(domEvent.clientX - box.left, domEvent.clientY - box.top),
        stop: () => {},
      };
    }
    pan(down) {
      let last = down;
      this.panned = false;
      const move = (now) => {
        this.panned = true;
        const { clientWidth, clientHeight } = this.div;
        const right = last.clientX - now.clientX;
        const below = last.clientY - now.clientY;
        last = now;
        this.moveCamera({ center: this.at(clientWidth / 2 + right, clientHeight / 2 + below) });
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
    }
  }

  class AdvancedMarkerElement extends HTMLElement {
    connectedCallback() {
      noted.markers.add(this);
    }
    disconnectedCallback() {
      noted.markers.delete(this);
    }
    get map() {
      return this._map ?? null;
    }
    set map(map) {
      this._map?.marks.delete(this);
      this._map = map;
      if (!map) {
        this.remove();
        return;
      }
      if (!(map instanceof TwinMap)) throw new InvalidValueError("in property map: not a Map");
      if (!map.options.mapId) {
        throw new InvalidValueError("The map is initialized without a valid Map ID");
      }
      map.marks.add(this);
      this.place();
    }
    get position() {
      return this._position;
    }
    set position(value) {
      this._position = value === null ? null : latLng(value).toJSON();
      this.place();
    }
    get content() {
      return this._content ?? null;
    }
    set content(node) {
      this._content = node;
      this.replaceChildren(node);
    }
    set title(text) {
      this.setAttribute("title", text);
      if (text) this.setAttribute("aria-label", text);
    }
    set zIndex(value) {
      this.style.zIndex = value ?? "";
    }
    set anchorLeft(value) {
      this.style.setProperty("--left", value);
    }
    set anchorTop(value) {
      this.style.setProperty("--top", value);
    }
    set gmpDraggable(value) {
      this._draggable = value;
    }
    set gmpClickable(value) {
      this._clickable = value;
      if (!value) return;
      this.setAttribute("role", "button");
      // One stop of the Tab key for all; arrow keys lead from one to the next.
      this.tabIndex = [...(this._map?.marks ?? [])].some((mark) => mark.tabIndex === 0) ? -1 : 0;
    }
    constructor() {
      super();
      this.addEventListener("click", () => {
        if (this._clickable && !this._dragged) this.press();
        this._dragged = false;
      });
      this.addEventListener("keydown", (down) => {
        if (down.key === "Enter" || down.key === " ") this.press();
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[down.key];
        if (!step) return;
        const marks = [...this._map.marks];
        marks[(marks.indexOf(this) + step + marks.length) % marks.length].focus();
      });
      this.addEventListener("pointerdown", (down) => this._draggable && this.drag(down));
    }
    press() {
      this.dispatchEvent(new Event("gmp-click"));
    }
    drag(down) {
      const [x, y] = this._map.pixel(this._position);
      const move = (now) => {
        this._dragged = true;
        this.position = this._map.at(
          x + now.clientX - down.clientX,
          y + now.clientY - down.clientY,
        );
      };
      const up = (now) => {
        removeEventListener("pointermove", move);
        if (!this._dragged) return;
        const latLng = new LatLng(this._position);
        trigger(this, "dragend", { ...this._map.mouseEvent(now), latLng });
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", up, { once: true });
    }
    addListener(name, handler) {
      return listen(this, name, handler);
    }
    place() {
      if (!this._map || !this._position) return;
      const [x, y] = this._map.pixel(this._position);
      this.style.cssText += `;position:absolute;left:${x}px;top:${y}px;transform:translate(var(--left,-50%),var(--top,-100%))`;
      if (!this.isConnected) this._map.div.append(this);
    }
  }
  customElements.define("gmp-advanced-marker", AdvancedMarkerElement);

  class InfoWindow {
    constructor(options = {}) {
      this.setOptions(options);
    }
    setOptions(options) {
      this.options = { ...this.options, ...options };
    }
    setContent(content) {
      this.content = content;
    }
    set(name, value) {
      this[name] = value;
    }
    addListener(name, handler) {
      return listen(this, name, handler);
    }
    open({ map, anchor }) {
      if (!(map instanceof TwinMap)) throw new InvalidValueError("InfoWindow: not a Map");
      this.box?.remove();
      this.box = document.createElement("div");
      this.box.setAttribute("role", "dialog");
      const close = document.createElement("button");
      close.ariaLabel = "Close";
      close.addEventListener("click", () => {
        trigger(this, "closeclick");
        this.close();
      });
      this.box.append(this.content, close);
      const [x, y] = map.pixel(anchor.position);
      this.box.style.cssText = `position:absolute;left:${x}px;top:${y + 8}px;background:Canvas;z-index:9`;
      map.div.append(this.box);
    }
    close() {
      if (!this.box) return;
      this.box.remove();
      this.box = null;
      trigger(this, "close");
    }
  }

  class Size {
    constructor(width, height) {
      this.width = number(width, "width");
      this.height = number(height, "height");
    }
  }

  const LIBRARIES = {
    core: { LatLng, LatLngBounds, Size, event },
    maps: { Map: TwinMap, InfoWindow },
    marker: { AdvancedMarkerElement },
  };
  maps.version = "3.65.1";
  Object.assign(maps, LIBRARIES.core, LIBRARIES.maps, { marker: LIBRARIES.marker });
  maps.importLibrary = async (name) => {
    if (!(name in LIBRARIES)) throw new Error(`The library ${name} is unknown.`);
    return LIBRARIES[name];
  };
  maps.Settings = { getInstance: () => ({}) };
  window.google.maps.__ib__();
})();
