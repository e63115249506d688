(() => {
  "use strict";
  const box = document.getElementById("search");
  const told = document.getElementById("told");
  const nothing = document.getElementById("nothing");
  const picks = [...document.querySelectorAll(".pick")];
  const items = [...document.querySelectorAll(".dataset")].map((element) => ({
    element,
    text: element.dataset.text,
    part: element.dataset.part,
    parts: JSON.parse(element.dataset.parts),
    facets: JSON.parse(element.dataset.facets),
    matched: element.querySelector(".matched"),
  }));
  const lowered = (values) => values.map((value) => value.toLowerCase());
  // These narrow down to columns of a contract, or to features of a feature set.
  const OF_PARTS = ["column", "feature", "unit", "source"];

  // A token is a word, or key:value, or either with quotes around what has spaces.
  const tokens = (query) =>
    (query.match(/(?:[a-z]+:)?"[^"]*"|\S+/gi) || []).map((token) => {
      const cut = token.match(/^([a-z]+):(.+)$/i);
      const known = cut && (OF_PARTS.includes(cut[1]) || items.some((item) => cut[1] in item.facets));
      const value = (known ? cut[2] : token).replace(/"/g, "").toLowerCase();
      return { key: known ? cut[1] : "", value };
    });

  const partFits = (item, part, token) => {
    if (!token.key) return part.words.includes(token.value);
    if (token.key === "unit") return part.unit === token.value;
    if (token.key === "source") return (part.source || "").includes(token.value);
    return token.key === item.part && part.name.toLowerCase().includes(token.value);
  };

  // One column or feature must be all that is said of it; the words may stand anywhere.
  const fits = (item, wanted) => {
    const ofParts = wanted.filter((token) => OF_PARTS.includes(token.key));
    if (ofParts.length && !item.parts.some((part) => ofParts.every((token) => partFits(item, part, token)))) return false;
    return wanted.every((token) => {
      if (ofParts.includes(token)) return true;
      if (token.key) return lowered(item.facets[token.key] || []).includes(token.value);
      return item.text.includes(token.value) || item.parts.some((part) => part.words.includes(token.value));
    });
  };

  const found = (item, wanted) => {
    const ofParts = wanted.filter((token) => OF_PARTS.includes(token.key));
    const words = wanted.filter((token) => !token.key && token.value.length > 1);
    if (!ofParts.length && !words.length) return [];
    const kept = item.parts.filter((part) => ofParts.every((token) => partFits(item, part, token)));
    const all = kept.filter((part) => words.every((token) => partFits(item, part, token)));
    if (all.length) return all;
    const some = kept.filter((part) => words.some((token) => partFits(item, part, token)));
    return some.length || !ofParts.length ? some : kept;
  };

  const showParts = (item, wanted) => {
    const parts = found(item, wanted);
    const name = item.part.charAt(0).toUpperCase() + item.part.slice(1);
    item.matched.replaceChildren();
    item.matched.hidden = parts.length === 0;
    if (!parts.length) return;
    const many = parts.length === 1 ? name : `${name}s`;
    item.matched.append(item.part === "feature" ? `${parts.length} of ${item.parts.length} features` : `${many} `);
    for (const part of parts.slice(0, 8)) {
      const line = document.createElement("span");
      const code = document.createElement("code");
      const link = document.createElement("a");
      link.href = item.element.querySelector("h2 a").getAttribute("href") + part.link;
      link.textContent = part.name;
      code.append(link);
      line.append(code);
      if (part.said) {
        line.className = "matched-line";
        line.append(part.said);
      }
      item.matched.append(line);
    }
    if (parts.length > 8) item.matched.append(`and ${parts.length - 8} more`);
  };

  const counted = (some, every) => {
    const said = [["column", "contract"], ["feature", "feature set"]].map(([part, noun]) => {
      const of = every.filter((item) => item.part === part).length;
      if (!of) return "";
      const many = some && some.filter((item) => item.part === part).length;
      return `${some ? `${many} of ` : ""}${of} ${noun}${of === 1 ? "" : "s"}`;
    });
    return said.filter((words) => words).join(", ");
  };

  const apply = () => {
    const wanted = tokens(box.value);
    const shown = [];
    for (const item of items) {
      const kept = fits(item, wanted);
      item.element.hidden = !kept;
      if (kept) shown.push(item);
      showParts(item, kept ? wanted : []);
    }
    nothing.hidden = shown.length > 0;
    told.textContent = counted(wanted.length ? shown : null, items);
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
