"""Three suppliers with REST/JSON product systems, played by one small server without a network."""
