// Degrees as the program knows them: longitudes from -180 to 180, `west` greater than `east` across
// the 180th meridian.
export const MOST_NORTH = 85.0511287798;

const within = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

// Six decimals are 11 cm; more would be noise in addresses and logs.
const rounded = (degrees) => Math.round(degrees * 1e6) / 1e6;

/** What is shown, from bounds that may count on beyond a full turn. */
export function viewOf({ south, west, north, east, zoom }) {
  const whole = east - west >= 360;
  return {
    south: rounded(Math.max(south, -90)),
    west: whole ? -180 : rounded(within(west)),
    north: rounded(Math.min(north, 90)),
    east: whole ? 180 : rounded(within(east)),
    zoom: Math.round(zoom * 100) / 100,
  };
}

/** Latitude and longitude of a point. */
export const pointOf = ({ lat, lng }) => [rounded(lat), rounded(within(lng))];

/** `east` counted on from `west`, so that it is the greater one. */
export const eastOf = ({ west, east }) => (east < west ? east + 360 : east);

/** The longitude that is nearest to `centre`, in whichever turn. */
export const nearest = (longitude, centre) =>
  longitude + 360 * Math.round((centre - longitude) / 360);

/** The point that lies some pixels right and down of another at a zoom of the web's Mercator. */
export function stepped({ lat, lng }, right, down, zoom) {
  const turn = 256 * 2 ** zoom;
  const sine = Math.sin((lat * Math.PI) / 180);
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) + down / turn;
  return {
    lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
    lng: lng + (right * 360) / turn,
  };
}
