// Names of countries, states and cities, written over the ground where they do not touch each
// other: the larger the place, the earlier it is given its room.
import L from "leaflet";
import { nearest } from "./degrees.js";

const FONT = '"Inter Variable", system-ui, sans-serif';
// How many thousand inhabitants a city needs to be named at each zoom.
const LEAST = [1e9, 1e9, 1e9, 4000, 1500, 600, 250, 90, 35, 12];
const CAPITALS_FROM = 4;
const STATES = { from: 4, to: 8 };
const COUNTRIES_TO = 8;
const SHEETS = [
  ["world", 0],
  ["towns", 7],
  ["villages", 9],
];
const LETTER = 7;
const MARGIN = 6;
const AROUND = 0.15;
const AROUND_MIDDLE = [
  [0, 0],
  [0, 24],
  [0, -24],
];

const fetched = new Map();

function sheet(address) {
  if (!fetched.has(address)) {
    const coming = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`The names of the map answered ${answer.status}`);
      return answer.json();
    });
    coming.catch(() => fetched.delete(address));
    fetched.set(address, coming);
  }
  return fetched.get(address);
}

// What may be written at this zoom, the most important first.
function candidates(sheets, zoom) {
  const { countries, states, capitals } = sheets.world;
  const pixelsPerDegree = (256 * 2 ** zoom) / 360;
  const withRoom = (areas, kind) =>
    areas
      .filter(([name, , , room]) => room * pixelsPerDegree * 3 > name.length * LETTER)
      .map((at) => ({ at, kind }));
  const least = LEAST[zoom] ?? 0;
  const cities = SHEETS.flatMap(([name]) => sheets[name]?.cities ?? []);
  return [
    ...(zoom < COUNTRIES_TO ? withRoom(countries, "country") : []),
    ...(zoom >= CAPITALS_FROM ? capitals.map((at) => ({ at, kind: "capital" })) : []),
    ...(zoom >= STATES.from && zoom < STATES.to ? withRoom(states, "state") : []),
    // A capital among them finds its own name written there already.
    ...cities.filter(([, , , size]) => size >= least).map((at) => ({ at, kind: "city" })),
  ];
}

const STYLE = {
  country: { font: `600 12px ${FONT}`, ink: "country", spacing: "0.04em", height: 15 },
  state: { font: `500 10.5px ${FONT}`, ink: "state", spacing: "0.08em", height: 13, upper: true },
  capital: { font: `600 12px ${FONT}`, ink: "city", spacing: "0", height: 14, dot: true },
  city: { font: `500 11.5px ${FONT}`, ink: "city", spacing: "0", height: 14, dot: true },
};

// Where a name of this width may stand: a city's right or left of its dot, that of an area at its
// middle or near it.
function rooms({ dot, height }, point, width) {
  const beside = width / 2 + 6;
  const steps = dot ? [beside, -beside].map((right) => [right, 0]) : AROUND_MIDDLE;
  return steps.map(([right, down]) => {
    const [x, y] = [point.x + right, point.y + down];
    const box = [
      Math.min(point.x, x - width / 2) - MARGIN,
      y - height / 2 - MARGIN / 2,
      Math.max(point.x, x + width / 2) + MARGIN,
      y + height / 2 + MARGIN / 2,
    ];
    return { x, y, box };
  });
}

export const Names = L.Renderer.extend({
  initialize(ground) {
    L.Renderer.prototype.initialize.call(this, { padding: AROUND, pane: "overlayPane" });
    this._ground = ground;
    this._marks = [];
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.ariaHidden = "true";
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
    delete this._context;
  },

  paint(ground) {
    this._ground = ground;
    this._write();
  },

  // Where marks stand there is no room for a name.
  avoid(marks) {
    this._marks = marks;
    if (this._map) this._write();
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    this._place();
    this._write();
  },

  async _write() {
    const zoom = this._map.getZoom();
    const wanted = SHEETS.filter(([, from]) => zoom >= from).map(([name]) => name);
    const turn = (this._turn = (this._turn ?? 0) + 1);
    const sheets = {};
    await Promise.all([
      document.fonts.ready,
      ...wanted.map(async (name) => {
        sheets[name] = await sheet(this._ground.places[name]);
      }),
    ]).catch(() => {});
    // Moved on or taken away in the meantime.
    if (turn !== this._turn || !this._map || !sheets.world) return;
    this._context.clearRect(...this._area());
    this._draw(sheets);
  },

  // The canvas lies over what is shown and a little around it.
  _place() {
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const density = Math.min(window.devicePixelRatio || 1, 2);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * density;
    this._container.height = size.y * density;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    const { min } = this._bounds;
    this._context.setTransform(density, 0, 0, density, -min.x * density, -min.y * density);
  },

  _area() {
    const { x, y } = this._bounds.getSize();
    return [this._bounds.min.x, this._bounds.min.y, x, y];
  },

  _draw(sheets) {
    const map = this._map;
    const context = this._context;
    const ground = this._ground;
    const zoom = Math.round(map.getZoom());
    const centre = map.getCenter().lng;
    const { min, max } = this._bounds;
    const [south, north] = [max, min].map((corner) => map.layerPointToLatLng(corner).lat);
    const taken = this._marks.map(({ latitude, longitude, text }) => {
      const { x, y } = map.latLngToLayerPoint([latitude, nearest(longitude, centre)]);
      const wide = text.length > 3 ? 30 : 16;
      return text ? [x - wide, y - 14, x + wide, y + 14] : [x - 12, y - 30, x + 12, y];
    });
    const isFree = (box) =>
      taken.every(
        (other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1],
      );
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const { at, kind } of candidates(sheets, zoom)) {
      const [name, longitude, latitude] = at;
      // Of fifty thousand cities few are at this latitude; to project them all would be felt.
      if (latitude < south || latitude > north) continue;
      const point = map.latLngToLayerPoint([latitude, nearest(longitude, centre)]);
      if (point.x < min.x || point.x > max.x || point.y < min.y || point.y > max.y) continue;
      const style = STYLE[kind];
      const text = style.upper ? name.toUpperCase() : name;
      context.font = style.font;
      context.letterSpacing = style.spacing;
      const width = context.measureText(text).width;
      const free = rooms(style, point, width).find(({ box }) => isFree(box));
      if (!free) continue;
      taken.push(free.box);
      context.strokeStyle = ground.halo;
      context.lineWidth = 3;
      context.strokeText(text, free.x, free.y);
      context.fillStyle = ground[style.ink];
      context.fillText(text, free.x, free.y);
      if (!style.dot) continue;
      context.beginPath();
      context.arc(point.x, point.y, kind === "capital" ? 2.6 : 2, 0, 7);
      context.lineWidth = 2;
      context.stroke();
      context.fill();
    }
  },
});
