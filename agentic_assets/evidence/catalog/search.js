(() => {
  "use strict";
  const box = document.getElementById("search");
  const told = document.getElementById("told");
  const nothing = document.getElementById("nothing");
  const picks = [...document.querySelectorAll(".pick")];
  const items = [...document.querySelectorAll(".dataset")].map((element) => ({
    element,
    text: element.dataset.text,
    columns: element.dataset.columns.split(" "),
    facets: JSON.parse(element.dataset.facets),
    matched: element.querySelector(".matched"),
  }));
  const lowered = (values) => values.map((value) => value.toLowerCase());

  // A token is a word, or key:value, or either with quotes around what has spaces.
  const tokens = (query) =>
    (query.match(/(?:[a-z]+:)?"[^"]*"|\S+/gi) || []).map((token) => {
      const cut = token.match(/^([a-z]+):(.+)$/i);
      const known = cut && (cut[1] === "column" || items.some((item) => cut[1] in item.facets));
      const value = (known ? cut[2] : token).replace(/"/g, "").toLowerCase();
      return { key: known ? cut[1] : "", value };
    });

  const fits = (item, token) => {
    if (token.key === "column") return item.columns.some((name) => name.toLowerCase().includes(token.value));
    if (token.key) return lowered(item.facets[token.key] || []).includes(token.value);
    return item.text.includes(token.value) || item.columns.some((name) => name.toLowerCase().includes(token.value));
  };

  const showColumns = (item, wanted) => {
    const words = wanted.filter((token) => token.key === "column" || !token.key).map((token) => token.value);
    const found = item.columns.filter((name) => words.some((word) => word.length > 1 && name.toLowerCase().includes(word)));
    item.matched.replaceChildren();
    item.matched.hidden = found.length === 0;
    if (!found.length) return;
    item.matched.append(found.length === 1 ? "Column " : "Columns ");
    for (const name of found.slice(0, 8)) {
      const code = document.createElement("code");
      const link = document.createElement("a");
      link.href = `${item.element.querySelector("h2 a").getAttribute("href")}#column-${encodeURIComponent(name)}`;
      link.textContent = name;
      code.append(link);
      item.matched.append(code);
    }
    if (found.length > 8) item.matched.append(`and ${found.length - 8} more`);
  };

  const apply = () => {
    const wanted = tokens(box.value);
    let shown = 0;
    for (const item of items) {
      const kept = wanted.every((token) => fits(item, token));
      item.element.hidden = !kept;
      shown += kept ? 1 : 0;
      showColumns(item, kept ? wanted : []);
    }
    nothing.hidden = shown > 0;
    told.textContent = wanted.length
      ? `${shown} of ${items.length} contracts`
      : `${items.length} contract${items.length === 1 ? "" : "s"}`;
    for (const pick of picks) {
      const on = wanted.some((token) => token.key === pick.dataset.key && token.value === pick.dataset.value.toLowerCase());
      pick.setAttribute("aria-pressed", String(on));
    }
    try {
      history.replaceState(null, "", box.value ? `#q=${encodeURIComponent(box.value)}` : location.pathname);
    } catch {
      // A browser may not let a local file change its address: the search works all the same.
    }
  };

  const written = (pick) => {
    const value = pick.dataset.value.replace(/"/g, "");
    return `${pick.dataset.key}:${/\s/.test(value) ? `"${value}"` : value}`;
  };
  for (const pick of picks) {
    pick.addEventListener("click", () => {
      const token = written(pick);
      const on = pick.getAttribute("aria-pressed") === "true";
      const parts = box.value.match(/(?:[a-z]+:)?"[^"]*"|\S+/gi) || [];
      const rest = parts.filter((part) => part.toLowerCase() !== token.toLowerCase());
      box.value = (on ? rest : [...rest, token]).join(" ");
      apply();
    });
  }
  box.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape" && document.activeElement === box) {
      box.value = "";
      apply();
    }
  });
  const asked = () => {
    const match = location.hash.match(/^#q=(.*)$/);
    if (!match) return;
    try {
      box.value = decodeURIComponent(match[1]);
    } catch {
      box.value = match[1];
    }
    apply();
  };
  window.addEventListener("hashchange", asked);
  asked();
})();
