// Keys and the folded navigation. This is the one script that is not compiled from Python:
// it answers keys in the browser alone, without a round trip, and it must stand before the first
// paint as a file of its own, because the content security policy allows no inline script.
// What it acts on is said in the page: data-go, data-opens, data-closes, data-folds, a.row-link.
(() => {
  const root = document.documentElement;
  const remembered = "side";
  try {
    if (localStorage.getItem(remembered) === "narrow") root.dataset.side = "narrow";
  } catch {
    // A browser that keeps nothing shows the wide navigation.
  }

  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.getClientRects().length > 0;
  const typing = (element) =>
    element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  const search = () => document.querySelector('[data-testid="search-box"]');

  const fold = () => {
    const narrow = root.dataset.side === "narrow";
    if (narrow) delete root.dataset.side;
    else root.dataset.side = "narrow";
    try {
      localStorage.setItem(remembered, narrow ? "wide" : "narrow");
    } catch {
      // Folded until the next load.
    }
  };
  const open = (id) => {
    document.querySelector("[popover]:popover-open")?.hidePopover();
    document.getElementById(id)?.showModal();
  };

  // Product cards are links; a row is stepped to through the link that opens it.
  const steps = () =>
    all('main [data-testid="product-card"], main tr.row a.row-link').filter(shown);
  const focus = (link) => {
    link?.focus({ preventScroll: true });
    link?.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const links = steps();
    const at = links.indexOf(document.activeElement);
    focus(links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)]);
  };
  const stepLine = (down) => {
    const links = steps();
    const from = document.activeElement.getBoundingClientRect();
    const beyond = links
      .map((link) => ({ link, box: link.getBoundingClientRect() }))
      .filter(({ box }) => (down ? box.top > from.top + 1 : box.top < from.top - 1))
      .sort(
        (a, b) =>
          Math.abs(a.box.top - from.top) - Math.abs(b.box.top - from.top) ||
          Math.abs(a.box.left - from.left) - Math.abs(b.box.left - from.left),
      );
    focus(beyond[0]?.link);
  };
  const go = (key) => all(`[data-go="${key}"]`).find(shown)?.click();
  const back = () => all("nav a.crumb").at(-1)?.click();

  const keys = {
    "/": () => {
      search()?.focus();
      search()?.select();
    },
    "?": () => open("shortcuts"),
    "[": fold,
    j: () => step(1),
    k: () => step(-1),
    Escape: back,
  };
  const arrows = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowDown: () => stepLine(true),
    ArrowUp: () => stepLine(false),
  };

  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { key, target } = event;
    if (typing(target)) {
      if (key === "Escape") target.blur();
      return;
    }
    const within = steps().includes(document.activeElement);
    let act = keys[key] ?? (within ? arrows[key] : undefined);
    if (Date.now() - going < 1200) act = () => go(key);
    else if (key === "g") act = () => (going = Date.now());
    if (!act) return;
    if (key !== "g") going = 0;
    if (key !== "Escape") event.preventDefault();
    act();
  });

  document.addEventListener("click", ({ target }) => {
    // A link in a menu leads to another page, and the menu does not stay open over it.
    target.closest?.("[popover] a")?.closest("[popover]").hidePopover();
    const doer = target.closest?.("[data-folds], [data-opens], [data-closes]");
    if (!doer) {
      // A press beside a dialog closes it: the veil belongs to the dialog itself.
      if (target.matches?.("dialog[data-light]")) target.close();
      return;
    }
    if ("folds" in doer.dataset) fold();
    if ("opens" in doer.dataset) open(doer.dataset.opens);
    if ("closes" in doer.dataset) doer.closest("dialog")?.close();
  });
})();
