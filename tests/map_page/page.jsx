// A page with nothing but a map, for tests of what both maps do alike. It keeps what is chosen, as
// the pages of the program do, and tells tests what the map said.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { StoreMap } from "./map/store_map.jsx";

const said = (window.said = []);

function Page() {
  const [given, setGiven] = useState(window.given);
  // Changes some of what the map is given.
  window.show = (change) => setGiven((before) => ({ ...before, ...change }));
  return (
    <StoreMap
      {...given}
      onSettle={(...view) => said.push(["settle", ...view])}
      onChoose={(key) => {
        said.push(["choose", key]);
        window.show({ chosen: key });
      }}
      onPoint={(...point) => said.push(["point", ...point])}
      onDrop={(...dropped) => said.push(["drop", ...dropped])}
    >
      <p data-testid="details">
        What is known of {given.chosen} <a href="#store">Open</a>
      </p>
    </StoreMap>
  );
}

createRoot(document.getElementById("map")).render(<Page />);
