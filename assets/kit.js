// Keys and the folded navigation. This is the one script that is not compiled from Python:
// it answers keys in the browser alone, without a round trip, and it must stand before the first
// paint as a file of its own, because the content security policy allows no inline script.
// What it acts on is said in the page: data-go, data-opens, data-closes, data-folds, data-asks,
// a.row-link, data-says (what the server says of the search box), and in the palette data-words
// (what a row is found by) and data-for (what was searched for).
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
    element.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox");
  // A list that can be searched comes before the products.
  const box = () => document.querySelector('[data-testid="search-box"]');
  const search = () => document.querySelector("main [data-searches]") ?? box();

  // What is typed into the search box stands: answers come late, and to fewer letters. What the
  // server says is written there when nobody types. And who types on some page is led to the
  // catalogue after the first letters: the box there goes on where the one that left was.
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  let typed;
  const goOn = (next) => {
    next.focus();
    if (next.value !== typed.value) {
      write.call(next, typed.value);
      next.dispatchEvent(new Event("input", { bubbles: true }));
    }
    next.setSelectionRange(next.value.length, next.value.length);
    typed = next;
  };
  const follower = new MutationObserver(() => {
    const now = box();
    if (!now) return;
    if (typed && !typed.isConnected) {
      if (now.value && typed.value.startsWith(now.value)) goOn(now);
      else typed = undefined;
    }
    const says = now.dataset.says ?? "";
    if (now !== typed && now.value !== says) write.call(now, says);
  });
  follower.observe(root, { attributeFilter: ["data-says"], childList: true, subtree: true });
  document.addEventListener("input", ({ target }) => {
    if (target === box()) typed = target;
  });
  document.addEventListener("focusout", ({ target }) => {
    // What is taken away loses the focus just before.
    queueMicrotask(() => target.isConnected && (typed = undefined));
  });
  addEventListener("popstate", () => (typed = undefined));

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
    if (id === "palette") wake();
  };

  // The palette: its field keeps the focus, and Enter presses the row that is chosen. The rows of
  // pages and commands are narrowed here; those that the server finds come when they come.
  const palette = () => document.getElementById("palette");
  const field = () => palette().querySelector("input");
  const list = () => palette().querySelector("[data-for]");
  const options = () => all("#palette [role=option]");
  const rows = () => options().filter(shown);
  const chosen = () => rows().find((row) => row.ariaSelected === "true");
  // Rows that come while somebody types are narrowed as those that were there.
  const watcher = new MutationObserver(() => {
    hide();
    settle();
  });
  let entered = false;

  const choose = (row) => {
    for (const other of options()) other.ariaSelected = "false";
    field().setAttribute("aria-activedescendant", row?.id ?? "");
    if (!row) return;
    row.ariaSelected = "true";
    row.scrollIntoView({ block: "nearest" });
  };
  const settle = () => {
    const waiting = list().dataset.for !== field().value;
    palette().toggleAttribute("data-waiting", waiting);
    // What was found for other words is not what Enter is meant for.
    if (!chosen()) choose(rows().find((row) => !waiting || row.dataset.words));
    if (!entered || waiting) return;
    entered = false;
    chosen()?.click();
  };
  const hide = () => {
    const words = field().value.toLowerCase().split(/\s+/);
    for (const row of all("#palette [data-words]")) {
      const known = ` ${row.dataset.words}`;
      row.hidden = !words.every((word) => known.includes(` ${word}`));
    }
  };
  const narrow = () => {
    hide();
    palette().toggleAttribute("data-empty", !field().value.trim());
    entered = false;
    choose(null);
    settle();
  };
  const wake = () => {
    field().value = "";
    watcher.observe(list(), { subtree: true, childList: true, attributeFilter: ["data-for"] });
    narrow();
    list().scrollTop = 0;
  };
  const inPalette = {
    ArrowDown: (at, among) => choose(among[(at + 1) % among.length]),
    ArrowUp: (at, among) => choose(among.at(at < 1 ? -1 : at - 1)),
    Enter: (at, among) => (at < 0 ? (entered = true) : among[at].click()),
  };
  document.addEventListener("input", ({ target }) => {
    if (target.closest("#palette")) narrow();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette()?.open) palette().close();
      else if (!document.querySelector("dialog[open]")) open("palette");
      return;
    }
    const act = event.target.closest?.("#palette") && inPalette[event.key];
    if (!act || event.isComposing) return;
    event.preventDefault();
    const among = rows();
    act(among.indexOf(chosen()), among);
  });

  // Product cards are links; a row is stepped to through the link that opens it, and one that has
  // no page of its own through its box; of what else there is, each says it itself.
  const steps = () =>
    all(
      'main [data-testid="product-card"], main tr.row a.row-link, ' +
        "main tr.row:not(:has(a.row-link)) [data-selects], main [data-steps]",
    ).filter(shown);
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
  const go = (key) => document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
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
    x: () => document.activeElement.closest("tr.row")?.querySelector("[data-selects]")?.click(),
    Escape: back,
  };
  const arrows = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowDown: () => stepLine(true),
    ArrowUp: () => stepLine(false),
  };

  // Since when a letter says where to go. What counts is when it is pressed: a page that is busy
  // hears it later.
  const GOES_MS = 1200;
  let going = -Infinity;
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
    if (event.timeStamp - going < GOES_MS) act = () => go(key);
    else if (key === "g") act = () => (going = performance.now());
    if (!act) return;
    if (key !== "g") going = -Infinity;
    if (key !== "Escape") event.preventDefault();
    act();
  });

  // What is chosen in a menu shows on the page below it; what is asked there is answered there.
  document.addEventListener("submit", ({ target }) => {
    if (!("asks" in target.dataset)) target.closest("[popover]")?.hidePopover();
  });
  document.addEventListener("click", ({ target }) => {
    // A link in a menu leads to another page, and the menu does not stay open over it.
    target.closest?.("[popover] a")?.closest("[popover]").hidePopover();
    // So does a row of the palette, or it does something.
    if (target.closest?.("#palette [role=option]")) palette().close();
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
