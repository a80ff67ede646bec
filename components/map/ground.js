// Land, lakes and borders of Natural Earth, drawn on canvas tiles. The outlines are files of our
// own origin, fetched when a zoom asks for them and kept by the browser; they are cut into tiles
// here, so that only what is on screen is ever drawn.
import L from "leaflet";
import GeoJSONVT from "geojson-vt";
import { feature, mesh } from "topojson-client";
import coarse from "world-atlas/countries-110m.json?url";
import middle from "world-atlas/countries-50m.json?url";
import fine from "world-atlas/countries-10m.json?url";
import states from "us-atlas/states-10m.json?url";

const TILE = 256;
// Finer than any of the outlines; tiles of deeper zooms are parts of these.
const DEEPEST_CUT = 11;
const EXTENT = 8192;

// The outlines are for a globe: at the 180th meridian they jump to the other side, and Antarctica
// ends nowhere. On a flat map they go on beyond, and close along the pole.
function flat(line) {
  let turned = 0;
  const laid = line.map(([x, y], at) => {
    if (at) turned -= 360 * Math.round((x - line[at - 1][0]) / 360);
    return [x + turned, y];
  });
  if (!turned) return laid;
  const pole = Math.sign(laid[0][1]) * 90;
  const isClosed = laid[0][0] === laid.at(-1)[0];
  return isClosed ? laid : [...laid, [laid.at(-1)[0], pole], [laid[0][0], pole], laid[0]];
}
const flatLand = (shape) => {
  const polygons = shape.features.flatMap(({ geometry: { type, coordinates } }) =>
    type === "Polygon" ? [coordinates] : coordinates,
  );
  return {
    type: "MultiPolygon",
    coordinates: polygons.map((rings) => rings.map(flat)),
  };
};

const inner = (a, b) => a !== b;
const world = (topology) => ({
  land: flatLand(feature(topology, topology.objects.land)),
  borders: mesh(topology, topology.objects.countries, inner),
});

// From and to which zoom each is used.
const SHEETS = [
  { from: 0, to: 3, file: coarse, parts: world },
  { from: 3, to: 7, file: middle, parts: world },
  { from: 7, to: 99, file: fine, parts: world },
  {
    from: 4,
    to: 99,
    file: states,
    parts: (topology) => ({ states: mesh(topology, topology.objects.states, inner) }),
  },
];

// Over the land, under the borders; its file is named by what the map is given.
const LAKES = ({ outlines }) => ({
  lakes: { type: "MultiPolygon", coordinates: outlines.map((ring) => [ring]) },
});
const LAKES_FROM = 3;

const fetched = new Map();

function cutUp(topology, parts) {
  const cut = {};
  for (const [name, shape] of Object.entries(parts(topology))) {
    cut[name] = new GeoJSONVT(shape, {
      maxZoom: DEEPEST_CUT,
      indexMaxZoom: 4,
      extent: EXTENT,
      buffer: 128,
      tolerance: 6,
    });
  }
  return cut;
}

function sheet({ parts, file }) {
  if (!fetched.has(file)) {
    const coming = fetch(file).then(async (answer) => {
      if (!answer.ok) throw new Error(`The ground of the map answered ${answer.status}`);
      return cutUp(await answer.json(), parts);
    });
    // Asked for again with the next tile; until then the map is as it was.
    coming.catch(() => fetched.delete(file));
    fetched.set(file, coming);
  }
  return fetched.get(file);
}

function trace(context, tile, scale, left, top) {
  context.beginPath();
  for (const { geometry, type } of tile.features) {
    for (const line of geometry) {
      line.forEach(([x, y], at) => {
        const to = [x * scale - left, y * scale - top];
        if (at) context.lineTo(...to);
        else context.moveTo(...to);
      });
      if (type === 3) context.closePath();
    }
  }
}

const PENS = {
  // In this order.
  land: (context, ground) => {
    context.fillStyle = ground.land;
    context.fill("evenodd");
  },
  lakes: (context, ground) => {
    context.fillStyle = ground.water;
    context.fill();
  },
  states: (context, ground) => {
    context.strokeStyle = ground.region;
    context.lineWidth = 1;
    context.stroke();
  },
  borders: (context, ground) => {
    context.strokeStyle = ground.border;
    context.lineWidth = 1.2;
    context.stroke();
  },
};

export const Ground = L.GridLayer.extend({
  initialize(ground) {
    L.GridLayer.prototype.initialize.call(this, { tileSize: TILE, keepBuffer: 1, minZoom: 0 });
    this._ground = ground;
  },

  paint(ground) {
    this._ground = ground;
    for (const { el, coords } of Object.values(this._tiles)) this._draw(el, coords);
  },

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    const density = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.height = TILE * density;
    this._draw(canvas, coords).then(
      () => done(null, canvas),
      (problem) => done(problem, canvas),
    );
    return canvas;
  },

  async _draw(canvas, coords) {
    const wanted = SHEETS.filter(({ from, to }) => coords.z >= from && coords.z < to);
    if (coords.z >= LAKES_FROM) wanted.push({ file: this._ground.places.lakes, parts: LAKES });
    const sheets = Object.assign({}, ...(await Promise.all(wanted.map(sheet))));
    const { width } = canvas;
    const density = width / TILE;
    const context = canvas.getContext("2d");
    context.setTransform(density, 0, 0, density, 0, 0);
    context.fillStyle = this._ground.water;
    context.fillRect(0, 0, TILE, TILE);
    context.lineJoin = "round";

    const turns = 2 ** coords.z;
    const x = ((coords.x % turns) + turns) % turns;
    const deeper = Math.max(0, coords.z - DEEPEST_CUT);
    const scale = (TILE * 2 ** deeper) / EXTENT;
    const part = 2 ** deeper;
    for (const [name, pen] of Object.entries(PENS)) {
      const tile = sheets[name]?.getTile(coords.z - deeper, x >> deeper, coords.y >> deeper);
      if (!tile) continue;
      trace(context, tile, scale, (x % part) * TILE, (coords.y % part) * TILE);
      pen(context, this._ground);
    }
  },
});
