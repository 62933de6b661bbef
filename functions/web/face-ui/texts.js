// Everything that the component says, by locale. What a page's own dictionary has comes first, then the locale, then
// English. The dictionary's keys are ours, or those that Microsoft's client has for the same thing.

import english from "./texts-en.js";

const TABLES = {
  de: () => import("./texts-de.js"),
  es: () => import("./texts-es.js"),
  fr: () => import("./texts-fr.js"),
  pt: () => import("./texts-pt.js"),
};

const RIGHT_TO_LEFT = new Set(["ar", "arc", "dv", "fa", "ha", "he", "khw", "ks", "ku", "ps", "ur", "yi"]);

const ALSO_CALLED = {
  Begin: "Continue",
  Center: "FaceNotCentered",
  HoldStill: "None",
  LookStraight: "LookAtCamera",
  MoveAway: "MoveBack",
  TurnLeft: "LookLeft",
  TurnRight: "LookRight",
};

export const LOCALES = ["en", ...Object.keys(TABLES)];

/** The texts for a BCP 47 tag: `text(key, values)`, `has(key)`, and `lang` and `dir` of what it says. A locale that is
 * not there, or does not load, is English. */
export async function texts(tag, dictionary) {
  const language = String(tag ?? "").toLowerCase().split(/[-_]/)[0];
  const own = entries(dictionary);
  const loaded = await TABLES[language]?.().catch(() => null);
  const table = { ...english, ...loaded?.default };
  const find = (key) => own[key] ?? own[ALSO_CALLED[key]] ?? table[key];
  const theirs = loaded || language === "en" || Object.keys(own).length > 0;
  return {
    lang: theirs && language ? language : "en",
    dir: theirs && RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr",
    has: (key) => find(key) !== undefined,
    text: (key, values = {}) =>
      String(find(key) ?? "").replace(/{(\w+)}/g, (hole, name) => String(values[name] ?? hole)),
  };
}

/** A page may give an object, or its JSON. */
function entries(dictionary) {
  if (typeof dictionary !== "string") return dictionary ?? {};
  try {
    return JSON.parse(dictionary) ?? {};
  } catch {
    return {};
  }
}
